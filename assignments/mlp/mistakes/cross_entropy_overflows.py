EXPLANATION = {
    "en": "Your softmax takes e to the logits as they are. What is e^1000 in float32? Which number may be subtracted "
    "from a row without changing its softmax?",
    "zh": "你的 softmax 直接对 logits 取指数。float32 下 e^1000 是多少？每一行减去哪个数，softmax 的结果不变？",
}


def softmax_cross_entropy(logits, labels):
    rows = torch.arange(len(logits))
    p = torch.exp(logits) / torch.exp(logits).sum(dim=1, keepdim=True)
    gradient = p.clone()
    gradient[rows, labels] -= 1
    return -p[rows, labels].log().mean(), gradient / len(logits)

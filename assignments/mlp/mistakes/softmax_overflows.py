EXPLANATION = {
    "en": "Your softmax takes e to the inputs as they are. What is e^1000 in float32, and what may be subtracted first?",
    "zh": "你的 softmax 直接对输入取指数。float32 下 e^1000 是多少？可以先减去什么？",
}


def softmax_forward(x):
    p = torch.exp(x) / torch.exp(x).sum(dim=1, keepdim=True)
    return p, p

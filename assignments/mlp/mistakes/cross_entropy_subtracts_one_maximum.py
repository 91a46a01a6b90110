EXPLANATION = {
    "en": "You subtract the largest logit of the whole batch. What is left of a row whose logits all lie 1000 below it?",
    "zh": "你减去的是整个批次中最大的 logit。如果某一行的 logits 都比它小 1000，这一行的指数还剩下什么？",
}
CHECKS = ["cross_entropy_is_stable"]


def softmax_cross_entropy(logits, labels):
    rows = torch.arange(len(logits))
    shifted = logits - logits.max()
    log_p = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    gradient = log_p.exp()
    gradient[rows, labels] -= 1
    return -log_p[rows, labels].mean(), gradient / len(logits)

EXPLANATION = {
    "en": "Your loss is log(p + 1e-12), which never exceeds 27.6. How large should the loss be when a logit is 2000 too low?",
    "zh": "你的损失用的是 log(p + 1e-12)，最大不超过 27.6。如果某个 logit 低了 2000，损失应该有多大？",
}


def softmax_cross_entropy(logits, labels):
    rows = torch.arange(len(logits))
    e = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    p = e / e.sum(dim=1, keepdim=True)
    gradient = p.clone()
    gradient[rows, labels] -= 1
    return -(p[rows, labels] + 1e-12).log().mean(), gradient / len(logits)

EXPLANATION = {
    "en": "You subtract the row maximum, then take the logarithm of the softmax. What if that softmax is 0 in float32? "
    "Can the logarithm be taken before dividing?",
    "zh": "你减去了每行的最大值，然后对 softmax 取对数。如果 softmax 在 float32 下变成 0 呢？能否在相除之前就把对数算进去？",
}


def softmax_cross_entropy(logits, labels):
    rows = torch.arange(len(logits))
    e = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    p = e / e.sum(dim=1, keepdim=True)
    gradient = p.clone()
    gradient[rows, labels] -= 1
    return -p[rows, labels].log().mean(), gradient / len(logits)

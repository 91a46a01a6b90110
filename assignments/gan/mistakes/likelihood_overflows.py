EXPLANATION = {
    "en": "For large logits your likelihood is not a number: the sigmoid is exactly 0 or 1 there. Which form does "
    "without its logarithm?",
    "zh": "logits 很大时，你的似然不是有限的数：这时 sigmoid 恰好等于 0 或 1。怎样改写才不必对它取对数？",
}


def log_likelihood(x, logits):
    p = torch.sigmoid(logits)
    return (x * p.log() + (1 - x) * (1 - p).log()).sum(dim=1)

EXPLANATION = {
    "en": "Your loss takes e to the logits as they are. What is e^1000, even in float64?",
    "zh": "你的损失直接对 logits 取指数。即使是 float64，e^1000 是多少？",
}


def masked_cross_entropy(logits, labels, lengths):
    mask = length_mask(lengths, labels.shape[1])
    inside, wanted = logits[mask], labels[mask]
    p = torch.exp(inside) / torch.exp(inside).sum(dim=1, keepdim=True)
    return -torch.log(p[torch.arange(len(wanted)), wanted]).mean()

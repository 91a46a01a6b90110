EXPLANATION = {
    "en": "Your loss divides by N · T, padding included. How many steps have a label?",
    "zh": "你的损失除以了 N · T，把填充也算在内。真正有标签的步数是多少？",
}


def masked_cross_entropy(logits, labels, lengths):
    mask = length_mask(lengths, labels.shape[1])
    inside, wanted = logits[mask], labels[mask]
    losses = torch.logsumexp(inside, dim=1) - inside[torch.arange(len(wanted)), wanted]
    return losses.sum() / labels.numel()

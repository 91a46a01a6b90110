EXPLANATION = {
    "en": "You average within each sequence and then over sequences. Which weight has a step of a short sequence "
    "then, and which should it have?",
    "zh": "你先在每条序列内取平均，再对序列取平均。这样短序列的一步权重是多少？应当是多少？",
}


def masked_cross_entropy(logits, labels, lengths):
    losses = []
    for row, wanted, length in zip(logits, labels, lengths.tolist(), strict=True):
        inside = row[:length]
        losses.append((torch.logsumexp(inside, dim=1) - inside[torch.arange(length), wanted[:length]]).mean())
    return torch.stack(losses).mean()

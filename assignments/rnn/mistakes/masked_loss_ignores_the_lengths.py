EXPLANATION = {
    "en": "Your loss counts padding as if it were class 0 or the like. Which steps have a label at all?",
    "zh": "你的损失把填充当成了某个类别来计算。哪些步才真正有标签？",
}


def masked_cross_entropy(logits, labels, lengths):
    wanted = labels.clamp(0, logits.shape[2] - 1)
    return (torch.logsumexp(logits, dim=2) - logits.gather(2, wanted[:, :, None])[:, :, 0]).mean()

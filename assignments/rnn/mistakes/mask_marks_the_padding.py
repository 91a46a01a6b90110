EXPLANATION = {
    "en": "Your mask is True on the padding. What does True mean in this homework?",
    "zh": "你的掩码在填充处为 True。在本作业里，True 表示什么？",
}


def length_mask(lengths, steps):
    return torch.arange(steps) >= lengths[:, None]

EXPLANATION = {
    "en": "Your one-hot vectors are as long as the largest label of the batch wants them. What if the last class does not occur?",
    "zh": "你的 one-hot 向量的长度取决于这批里最大的标签。如果最后一类没有出现呢？",
}


def condition(x, labels, classes):
    return torch.cat([x, torch.eye(int(labels.max()) + 1, dtype=x.dtype)[labels]], dim=1)

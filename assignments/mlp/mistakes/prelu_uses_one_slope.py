EXPLANATION = {
    "en": "Your PReLU uses the mean of the slopes everywhere. How many slopes are there, and which one belongs to which column?",
    "zh": "你的 PReLU 处处使用斜率的平均值。斜率有几个，分别对应哪一列？",
}


def prelu(x, slope):
    return torch.where(x > 0, x, slope.mean() * x)

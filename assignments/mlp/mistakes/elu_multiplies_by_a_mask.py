EXPLANATION = {
    "en": "Your ELU adds both branches, each times 0 or 1. What is 0 times e^1000?",
    "zh": "你的 ELU 把两个分支各乘 0 或 1 再相加。0 乘 e^1000 等于多少？",
}


def elu(x, alpha=1.0):
    return (x > 0) * x + (x <= 0) * alpha * (torch.exp(x) - 1)

EXPLANATION = {
    "en": "Your tanh is a quotient of e^x and e^-x as in the formula. What becomes of it at x = 1000?",
    "zh": "你的 tanh 照公式用 e^x 和 e^-x 相除。x = 1000 时会得到什么？",
}


def tanh(x):
    return (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))

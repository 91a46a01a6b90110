EXPLANATION = {
    "en": "Your derivative is e^x for negative x, whatever alpha is. What happens to a constant factor when you differentiate?",
    "zh": "x 为负时你的导数总是 e^x，与 alpha 无关。求导时常数因子会怎样？",
}


def elu_derivative(x, alpha=1.0):
    return torch.where(x > 0, torch.ones_like(x), torch.exp(x))

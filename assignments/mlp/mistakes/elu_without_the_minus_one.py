EXPLANATION = {
    "en": "Your ELU is alpha · e^x for negative x. What are the two branches worth just left and right of 0?",
    "zh": "x 为负时你的 ELU 等于 alpha · e^x。在 0 的左右两侧，两个分支的值各是多少？",
}


def elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.exp(x))

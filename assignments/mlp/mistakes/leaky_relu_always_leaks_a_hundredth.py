EXPLANATION = {
    "en": "Your leaky ReLU multiplies by 0.01 whatever `slope` says. Who uses the argument?",
    "zh": "无论 `slope` 是多少，你的 Leaky ReLU 都乘 0.01。这个参数用在哪里了？",
}


def leaky_relu(x, slope=0.01):
    return torch.where(x > 0, x, 0.01 * x)

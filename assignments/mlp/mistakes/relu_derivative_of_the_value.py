EXPLANATION = {
    "en": "Your derivative of ReLU is max(0, x) itself. How steep is the line y = x at x = 3?",
    "zh": "你给出的 ReLU 导数就是 max(0, x) 本身。直线 y = x 在 x = 3 处有多陡？",
}


def relu_derivative(x):
    return x.clamp(min=0)

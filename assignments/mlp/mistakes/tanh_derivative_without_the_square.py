EXPLANATION = {
    "en": "Your derivative is 1 - tanh(x). Try x = 0 and a very negative x: can a slope be 2 there?",
    "zh": "你的导数是 1 - tanh(x)。代入 x = 0 和很小的负数看看：那里的斜率可能是 2 吗？",
}


def tanh_derivative(x):
    return 1 - tanh(x)

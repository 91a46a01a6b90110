EXPLANATION = {
    "en": "Your derivative is x (1 - x), with x taken as if it were already σ(x). What is this function given: the "
    "input or the output of the sigmoid?",
    "zh": "你的导数是 x (1 - x)，等于把 x 当成了 σ(x)。这个函数拿到的是 Sigmoid 的输入还是输出？",
}


def sigmoid_derivative(x):
    return x * (1 - x)

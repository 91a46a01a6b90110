EXPLANATION = {
    "en": "Your hidden layer adds c after max(0, ·). Is c inside or outside the bracket of the formula?",
    "zh": "隐藏层先取 max(0, ·) 再加 c。公式里的 c 在括号里面还是外面？",
}


def two_layer_network(x, W, c, w, b):
    return ((x @ W).clamp(min=0) + c) @ w + b

EXPLANATION = {
    "en": "No maximum of yours is below 0. What is the largest of -3 and -1?",
    "zh": "你的最大值从不小于 0。-3 和 -1 中较大的是多少？",
}


_signed_max = max_pool2d_forward


def max_pool2d_forward(x, kernel, stride):
    return _signed_max(x, kernel, stride).clamp(min=0)

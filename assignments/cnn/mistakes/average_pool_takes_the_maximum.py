EXPLANATION = {
    "en": "Your averages are maxima. What should happen to the smaller values of a window?",
    "zh": "你的平均值其实是最大值。窗口中较小的那些数应当起什么作用？",
}


def average_pool2d_forward(x, kernel, stride):
    return max_pool2d_forward(x, kernel, stride)

EXPLANATION = {
    "en": "Your dout is divided by stride². How many entries share one output?",
    "zh": "你把 dout 除以了 stride 的平方。一个输出由几个元素共同决定？",
}


_divided_backward = average_pool2d_backward


def average_pool2d_backward(dout, x, kernel, stride):
    return _divided_backward(dout * (kernel[0] * kernel[1] / stride**2), x, kernel, stride)

EXPLANATION = {
    "en": "In evaluation your gradients are those of training. Do the running statistics depend on x?",
    "zh": "评估时，你的梯度仍按训练时计算。滑动统计量取决于 x 吗？",
}


_two_backwards = batchnorm2d_backward


def batchnorm2d_backward(dout, x, gamma, running_mean, running_var, training, eps=1e-5):
    return _two_backwards(dout, x, gamma, running_mean, running_var, True, eps)

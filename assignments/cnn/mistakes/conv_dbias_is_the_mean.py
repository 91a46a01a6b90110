EXPLANATION = {
    "en": "Your dbias is a mean. If a bias grows by 1, by how much does the sum of its outputs grow?",
    "zh": "你的 dbias 是平均值。偏置增加 1 时，它的所有输出之和增加多少？",
}


_summed_backward = conv2d_backward


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    dx, dweight, _ = _summed_backward(dout, x, weight, stride, padding, dilation)
    return dx, dweight, dout.mean(dim=(0, 2, 3))

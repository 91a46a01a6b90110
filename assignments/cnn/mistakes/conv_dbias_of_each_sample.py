EXPLANATION = {
    "en": "Your dbias still has an axis for the samples. How many biases are there?",
    "zh": "你的 dbias 还保留着样本维。偏置一共有几个？",
}


_summed_backward = conv2d_backward


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    dx, dweight, _ = _summed_backward(dout, x, weight, stride, padding, dilation)
    return dx, dweight, dout.sum(dim=(2, 3))

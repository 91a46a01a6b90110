EXPLANATION = {
    "en": "Your dweight is divided by the number of samples. Where is the 1/N of a mean loss already?",
    "zh": "你的 dweight 除以了样本数。平均损失里的 1/N 已经在哪里了？",
}


_summed_backward = conv2d_backward


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    dx, dweight, dbias = _summed_backward(dout, x, weight, stride, padding, dilation)
    return dx, dweight / len(x), dbias

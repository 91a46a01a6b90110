EXPLANATION = {
    "en": "Your dweight comes from the first sample alone. Which samples did the kernel see?",
    "zh": "你的 dweight 只来自第一个样本。这个卷积核看过哪些样本？",
}


_summed_backward = conv2d_backward


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    dx, _, dbias = _summed_backward(dout, x, weight, stride, padding, dilation)
    return dx, _summed_backward(dout[:1], x[:1], weight, stride, padding, dilation)[1], dbias

EXPLANATION = {
    "en": "Your gradients belong to stride 1. Which pixels did output (i, j) look at?",
    "zh": "你的梯度对应步长 1。输出 (i, j) 看的是哪些像素？",
}


_striding_backward = conv2d_backward


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    return _striding_backward(dout, x, weight, 1, padding, dilation)

EXPLANATION = {
    "en": "When the steps do not end exactly at the border, your last position is missing. What does rounding down the size "
    "leave out, and what not?",
    "zh": "步长除不尽时，你漏掉了最后一个位置。向下取整舍去的究竟是什么？",
}


_whole_conv = conv2d_forward


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    out = _whole_conv(x, weight, bias, stride, padding, dilation)
    for axis, kernel in ((2, weight.shape[2]), (3, weight.shape[3])):
        rest = (x.shape[axis] + 2 * padding - dilation * (kernel - 1) - 1) % stride
        out = out.narrow(axis, 0, out.shape[axis] - (rest > 0))
    return out

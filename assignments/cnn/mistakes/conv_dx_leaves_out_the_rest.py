EXPLANATION = {
    "en": "Your dx is smaller than x: the rows and columns that no window reached are missing. What is the gradient by a pixel "
    "nobody looked at?",
    "zh": "你的 dx 比 x 小，缺了窗口没有覆盖到的行和列。没有任何窗口看过的像素，梯度是多少？",
}


_whole_backward = conv2d_backward


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    dx, dweight, dbias = _whole_backward(dout, x, weight, stride, padding, dilation)
    rows, columns = (
        min(side, stride * (n - 1) + dilation * (k - 1) + 1 - padding)
        for side, n, k in zip(x.shape[2:], dout.shape[2:], weight.shape[2:], strict=True)
    )
    return dx[:, :, :rows, :columns], dweight, dbias

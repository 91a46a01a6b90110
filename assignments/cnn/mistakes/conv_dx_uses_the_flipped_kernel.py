EXPLANATION = {
    "en": "In your dx the kernel is turned round: w_uv carried x to the output; does another entry carry the gradient back?",
    "zh": "你的 dx 用了翻转的卷积核。x 经由 w_uv 到达输出，梯度会从另一个元素返回吗？",
}


_straight_backward = conv2d_backward


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    dx = _straight_backward(dout, x, weight.flip(2, 3), stride, padding, dilation)[0]
    return dx, *_straight_backward(dout, x, weight, stride, padding, dilation)[1:]

EXPLANATION = {
    "en": "Without padding your dx has no rows: what is x[:, :, p:-p, p:-p] for p = 0?",
    "zh": "没有填充时你的 dx 是空的。p = 0 时 x[:, :, p:-p, p:-p] 是什么？",
}


_wide_backward = conv2d_backward


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    dx, dweight, dbias = _wide_backward(dout, x, weight, stride, padding, dilation)
    wide = _padded(dx, padding)
    return wide[:, :, padding:-padding, padding:-padding], dweight, dbias

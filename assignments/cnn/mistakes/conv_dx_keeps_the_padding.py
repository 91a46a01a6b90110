EXPLANATION = {
    "en": "Your dx is as large as the padded input. Of which tensor is it the gradient?",
    "zh": "你的 dx 和填充后的输入一样大。它应当是对哪个张量的梯度？",
}


_cut_backward = conv2d_backward


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    dx, dweight, dbias = _cut_backward(dout, x, weight, stride, padding, dilation)
    return _padded(dx, padding), dweight, dbias

EXPLANATION = {
    "en": "Where windows overlap, your dx holds the share of one window only. Through how many windows does a pixel reach the "
    "loss?",
    "zh": "窗口重叠处，你的 dx 只保留了一个窗口的贡献。一个像素通过几个窗口影响损失？",
}


_adding_backward = conv2d_backward


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    padded = torch.zeros_like(_padded(x, padding))
    for u, v in _places(weight.shape[2:]):
        share = torch.einsum("nohw,oc->nchw", dout, weight[:, :, u, v])
        _seen(padded, u, v, *dout.shape[2:], stride, dilation).copy_(share)
    dx = padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return dx, *_adding_backward(dout, x, weight, stride, padding, dilation)[1:]

EXPLANATION = {
    "en": "Your zeros are all above and to the left. How does the image lie within its padding?",
    "zh": "你把零都补在了上边和左边。原图应当位于填充后的什么位置？",
}


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    padded = x.new_zeros(*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding)
    padded[:, :, 2 * padding :, 2 * padding :] = x
    rows, columns = _output_sides(padded, weight.shape[2:], stride, dilation)
    out = bias[:, None, None].repeat(len(x), 1, rows, columns)
    for u, v in _places(weight.shape[2:]):
        out += torch.einsum("nchw,oc->nohw", _seen(padded, u, v, rows, columns, stride, dilation), weight[:, :, u, v])
    return out

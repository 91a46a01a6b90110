EXPLANATION = {
    "en": "Your kernel lies close together, whatever dilation says. How far apart in x are its entries?",
    "zh": "不论 dilation 是多少，你的卷积核元素都紧挨在一起。它们在 x 上应当相隔多远？",
}


_dilated_conv = conv2d_forward


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    return _dilated_conv(x, weight, bias, stride, padding)

EXPLANATION = {
    "en": "Your bias comes in once for each input channel. Does it stand inside the sum over channels or outside?",
    "zh": "每个输入通道都把偏置加了一次。偏置在对通道求和的里面还是外面？",
}


_biased_conv = conv2d_forward


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    return _biased_conv(x, weight, bias * x.shape[1], stride, padding, dilation)

EXPLANATION = {
    "en": "Your kernel moves by one, whatever stride says. How many positions should be left?",
    "zh": "不论 stride 是多少，你的卷积核每次都只移动一格。应当剩下几个位置？",
}


_striding_conv = conv2d_forward


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    return _striding_conv(x, weight, bias, 1, padding, dilation)

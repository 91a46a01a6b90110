EXPLANATION = {
    "en": "Your output depends on the first input channel alone. Over which indices does the sum run?",
    "zh": "你的输出只取决于第一个输入通道。求和要遍历哪些下标？",
}


_whole_conv = conv2d_forward


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    return _whole_conv(x[:, :1], weight[:, :1], bias, stride, padding, dilation)

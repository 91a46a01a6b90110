EXPLANATION = {
    "en": "Your layer answers in float32 to inputs in float64. Which tensor did you make without saying its dtype?",
    "zh": "输入是 float64，你的卷积层却返回 float32。哪个张量在创建时没有指定 dtype？",
}


_typed_conv = conv2d_forward


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    return _typed_conv(x.float(), weight.float(), bias.float(), stride, padding, dilation)

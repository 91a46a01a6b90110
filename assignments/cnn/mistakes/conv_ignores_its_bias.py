EXPLANATION = {
    "en": "Your output is the one for bias 0. Which of the arguments has had no influence?",
    "zh": "你的输出等于偏置为 0 时的结果。有哪个参数没有起作用？",
}


_biased_conv = conv2d_forward


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    return _biased_conv(x, weight, torch.zeros_like(bias), stride, padding, dilation)

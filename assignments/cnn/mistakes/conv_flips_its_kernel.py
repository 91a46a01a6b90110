EXPLANATION = {
    "en": "Your layer turns the kernel round, as in part 1's first formula. What do libraries call convolution, and what does "
    "the docstring ask for?",
    "zh": "你的卷积层把核翻转了，像第 1 部分的第一个公式那样。库里所说的卷积是哪一种？文档字符串要求的又是哪一种？",
}


_unflipped_conv = conv2d_forward


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    return _unflipped_conv(x, weight.flip(2, 3), bias, stride, padding, dilation)

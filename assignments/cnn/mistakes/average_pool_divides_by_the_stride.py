EXPLANATION = {
    "en": "Your sums are divided by stride². How many values does one sum have?",
    "zh": "你把和除以了 stride 的平方。每个和里有几个数？",
}


def average_pool2d_forward(x, kernel, stride):
    return _windows(x, kernel, stride).sum(dim=0) / stride**2

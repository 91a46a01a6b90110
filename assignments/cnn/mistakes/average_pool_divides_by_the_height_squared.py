EXPLANATION = {
    "en": "Your sums are divided by the square of the window's height. Is every window as wide as it is high?",
    "zh": "你把和除以了窗口高度的平方。每个窗口的宽和高都相等吗？",
}


def average_pool2d_forward(x, kernel, stride):
    return _windows(x, kernel, stride).sum(dim=0) / kernel[0] ** 2

EXPLANATION = {
    "en": "Your windows lie on their side. Is the first number of kernel its height or its width?",
    "zh": "你的窗口横竖颠倒了。kernel 的第一个数是高还是宽？",
}


def max_pool2d_forward(x, kernel, stride):
    return _windows(x, kernel[::-1], stride).amax(dim=0)

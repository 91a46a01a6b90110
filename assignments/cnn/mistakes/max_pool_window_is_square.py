EXPLANATION = {
    "en": "Your windows have as many columns as rows. What are the two numbers in kernel?",
    "zh": "你的窗口行数和列数总相等。kernel 里的两个数分别是什么？",
}


def max_pool2d_forward(x, kernel, stride):
    return _windows(x, (kernel[0], kernel[0]), stride).amax(dim=0)

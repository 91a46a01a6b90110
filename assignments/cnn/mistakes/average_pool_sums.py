EXPLANATION = {
    "en": "Your output is the sum of each window. How many values are in it?",
    "zh": "你的输出是每个窗口的和。窗口里有几个数？",
}


def average_pool2d_forward(x, kernel, stride):
    return _windows(x, kernel, stride).sum(dim=0)

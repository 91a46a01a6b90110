EXPLANATION = {
    "en": "Your kernel is turned upside down, but not left to right. Which of the two indices runs backwards?",
    "zh": "你的卷积核只做了上下翻转，没有左右翻转。两个下标中，反向变化的是哪一个？",
}


def convolve(x, w):
    return cross_correlate(x, w.flip(0))

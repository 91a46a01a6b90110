EXPLANATION = {
    "en": "Your kernel is turned round. With growing u, does the index of x grow or fall?",
    "zh": "你的卷积核翻转了。u 增大时，x 的下标是增大还是减小？",
}


_unflipped_circle = circular_conv2d


def circular_conv2d(x, weight):
    return _unflipped_circle(x, weight.flip(2, 3))

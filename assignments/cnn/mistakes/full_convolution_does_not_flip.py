EXPLANATION = {
    "en": "Your wide result is a cross-correlation: it changes when x and w are exchanged. May a convolution do that?",
    "zh": "你的宽卷积其实是互相关：交换 x 和 w，结果就变了。卷积可以这样吗？",
}


_flipped_full = convolve_full


def convolve_full(x, w):
    return _flipped_full(x, w.flip(0, 1))

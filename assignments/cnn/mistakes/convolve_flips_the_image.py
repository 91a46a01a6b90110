EXPLANATION = {
    "en": "Your result is the right one turned by 180°: x was flipped, not w. In which order must the positions of the output "
    "come?",
    "zh": "你的结果相当于正确答案旋转了 180°：翻转的是 x 而不是 w。输出的各个位置应当按什么顺序排列？",
}


def convolve(x, w):
    return cross_correlate(x.flip(0, 1), w)

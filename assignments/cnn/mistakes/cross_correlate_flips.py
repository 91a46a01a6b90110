EXPLANATION = {
    "en": "Your cross-correlation turns the kernel round. Compare the signs of u in the two formulas: where does x's index grow "
    "with u?",
    "zh": "你的互相关把卷积核翻转了。对照两个公式中 u 的符号：哪一个里 x 的下标随 u 增大？",
}
CHECKS = ["cross_correlation_gives_the_worked_numbers", "both_hold_for_any_sizes"]


def cross_correlate(x, w):
    w = w.flip(0, 1)
    return (x.unfold(0, w.shape[0], 1).unfold(1, w.shape[1], 1) * w).sum(dim=(2, 3))


def convolve(x, w):
    return cross_correlate(x, w.flip(0, 1))

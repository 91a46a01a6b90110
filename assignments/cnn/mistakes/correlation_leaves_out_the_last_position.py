EXPLANATION = {
    "en": "Your output lacks its last row and column. How many places does a kernel of 2 have on a side of 3?",
    "zh": "你的输出少了最后一行和最后一列。长度为 2 的核在长度为 3 的边上有几个位置？",
}


def cross_correlate(x, w):
    return (x.unfold(0, w.shape[0], 1).unfold(1, w.shape[1], 1) * w).sum(dim=(2, 3))[:-1, :-1]

EXPLANATION = {
    "en": "Your result is the cross-correlation of x and w. In Σ w_uv x_{i-u+1, j-v+1}, which x meets w_11, the first of its "
    "window or the last?",
    "zh": "你的结果是 x 与 w 的互相关。在 Σ w_uv x_{i-u+1, j-v+1} 中，与 w_11 相乘的是窗口里的第一个 x，还是最后一个？",
}


def convolve(x, w):
    return cross_correlate(x, w)

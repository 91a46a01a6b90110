EXPLANATION = {
    "en": "Your borders are as wide above and below as left and right. How far can a kernel of U rows and V columns stick out on "
    "each side?",
    "zh": "你在上下和左右补了同样宽的零。U 行 V 列的核在两个方向上各能伸出多远？",
}


def convolve_full(x, w):
    margin = w.shape[1] - 1
    wide = x.new_zeros(x.shape[0] + 2 * margin, x.shape[1] + 2 * margin)
    wide[margin : margin + x.shape[0], margin : margin + x.shape[1]] = x
    return convolve(wide, w)

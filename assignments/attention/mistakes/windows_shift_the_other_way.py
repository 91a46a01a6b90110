EXPLANATION = {
    "en": "Your image moves down and right. In the worked example, which number stands in the corner after the shift?",
    "zh": "你的图像是向下、向右移动的。在算例中，移动之后左上角是哪个数？",
}


def window_partition(x, window, shift=0):
    n, height, width, size = x.shape
    cut = x.roll((shift, shift), dims=(1, 2)).reshape(n, height // window, window, width // window, window, size)
    return cut.transpose(2, 3).reshape(-1, window**2, size)

EXPLANATION = {
    "en": "Your gradient passes unscaled. The output was x times scale: what is its derivative by x?",
    "zh": "你的梯度没有缩放就通过了。输出是 x 乘 scale，它对 x 的导数是什么？",
}


def dropout_backward(dout, scale):
    return dout * (scale != 0)

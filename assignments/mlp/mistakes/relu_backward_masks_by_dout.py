EXPLANATION = {
    "en": "Your gradient is cut where dout is negative. Which sign decides whether a ReLU lets something through: that "
    "of dout or that of x?",
    "zh": "你在 dout 为负的地方截断了梯度。ReLU 放不放行，看的是 dout 的符号还是 x 的符号？",
}


def relu_backward(dout, cache):
    return dout * (dout > 0)

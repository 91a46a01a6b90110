EXPLANATION = {
    "en": "Your dgamma weighs dout with x. What does gamma multiply: x, or x after it was normalised?",
    "zh": "你的 dgamma 用 x 去乘 dout。gamma 乘的是 x，还是归一化之后的 x？",
}


_normal_backward = batchnorm2d_backward


def batchnorm2d_backward(dout, x, gamma, running_mean, running_var, training, eps=1e-5):
    dx, _, dbeta = _normal_backward(dout, x, gamma, running_mean, running_var, training, eps)
    return dx, (dout * x).sum(dim=(0, 2, 3)), dbeta

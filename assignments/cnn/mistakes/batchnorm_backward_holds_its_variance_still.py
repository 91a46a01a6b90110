EXPLANATION = {
    "en": "Your dx goes through the mean, but not through the variance. On which way is a gradient missing?",
    "zh": "你的 dx 经过了均值，却没有经过方差。还有哪条路径的梯度没算？",
}


_moving_backward = batchnorm2d_backward


def batchnorm2d_backward(dout, x, gamma, running_mean, running_var, training, eps=1e-5):
    dx, *others = _moving_backward(dout, x, gamma, running_mean, running_var, training, eps)
    if training:
        centred = dout - _wide(dout.mean(dim=(0, 2, 3)))
        dx = centred * _wide(gamma / (x.var(dim=(0, 2, 3), correction=0) + eps).sqrt())
    return dx, *others

EXPLANATION = {
    "en": "Your dx takes mean and variance for constants. In training, what do they depend on?",
    "zh": "你的 dx 把均值和方差当成常数。训练时它们取决于什么？",
}


_moving_backward = batchnorm2d_backward


def batchnorm2d_backward(dout, x, gamma, running_mean, running_var, training, eps=1e-5):
    _, var = _statistics(x, running_mean, running_var, training)
    dx = dout * _wide(gamma) / _wide(var + eps).sqrt()
    return dx, *_moving_backward(dout, x, gamma, running_mean, running_var, training, eps)[1:]

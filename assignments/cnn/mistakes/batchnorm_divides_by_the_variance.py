EXPLANATION = {
    "en": "Your output is divided by the variance. What spread should each channel have afterwards?",
    "zh": "你除以的是方差。归一化之后，每个通道的离散程度应当是多少？",
}


_rooted_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = _statistics(x, running_mean, running_var, training)
    out = _wide(gamma) * (x - _wide(mean)) / _wide(var + eps) + _wide(beta)
    return out, *_rooted_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)[1:]

EXPLANATION = {
    "en": "Your output is normalised with the variance divided by n - 1. Which of the two variances goes into the output, and "
    "which into the running one?",
    "zh": "你用除以 n - 1 的方差做了归一化。两种方差，哪一种用于输出，哪一种用于滑动统计量？",
}


_biased_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    out, *running = _biased_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3))
        out = _wide(gamma) * (x - _wide(mean)) / _wide(var + eps).sqrt() + _wide(beta)
    return out, *running

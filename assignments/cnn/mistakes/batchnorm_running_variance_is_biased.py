EXPLANATION = {
    "en": "Your running variance takes the variance divided by n. On average, is that too small for pictures not seen yet?",
    "zh": "你的滑动方差用的是除以 n 的方差。对没见过的图像来说，它平均偏大还是偏小？",
}


_unbiased_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    out, mean, var = _unbiased_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)
    if training:
        var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=0)
    return out, mean, var

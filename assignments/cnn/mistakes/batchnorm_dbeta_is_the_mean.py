EXPLANATION = {
    "en": "Your dbeta is a mean. If beta grows by 1, how many outputs grow?",
    "zh": "你的 dbeta 是平均值。beta 增加 1，有多少个输出会增加？",
}


_summed_norm_backward = batchnorm2d_backward


def batchnorm2d_backward(dout, x, gamma, running_mean, running_var, training, eps=1e-5):
    return *_summed_norm_backward(dout, x, gamma, running_mean, running_var, training, eps)[:2], dout.mean(dim=(0, 2, 3))

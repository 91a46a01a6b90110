EXPLANATION = {
    "en": "Your running statistics keep the share momentum of the old value. In this homework, whose share is momentum: the old "
    "one's or the batch's?",
    "zh": "你让旧值占了 momentum 的比例。在本作业中，momentum 是旧值的比例还是本批的比例？",
}


_slow_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    return _slow_norm(x, gamma, beta, running_mean, running_var, training, 1 - momentum, eps)

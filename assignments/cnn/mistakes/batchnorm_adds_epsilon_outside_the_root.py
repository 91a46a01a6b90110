EXPLANATION = {
    "en": "Your eps is added to the deviation. Does it stand under the root or beside it?",
    "zh": "你把 eps 加在了标准差上。它在根号里面还是外面？",
}


_inner_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = _statistics(x, running_mean, running_var, training)
    out = _wide(gamma) * (x - _wide(mean)) / (_wide(var).sqrt() + eps) + _wide(beta)
    return out, *_inner_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)[1:]

EXPLANATION = {
    "en": "Your mean and variance are those of each image by itself. Over which axes does the batch's mean run?",
    "zh": "你的均值和方差是逐张图像计算的。整批的均值要对哪些维度求？",
}


_batch_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    out, *running = _batch_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)
    if training:
        var, mean = torch.var_mean(x, dim=(2, 3), correction=0, keepdim=True)
        out = _wide(gamma) * (x - mean) / (var + eps).sqrt() + _wide(beta)
    return out, *running

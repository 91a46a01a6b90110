EXPLANATION = {
    "en": "Each pixel has a mean of its own in your output, over the samples alone. For how many values is there one gamma?",
    "zh": "在你的输出里，每个像素位置只按样本各自求均值。一个 gamma 对应多少个值？",
}


_channel_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    out, *running = _channel_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)
    if training:
        var, mean = torch.var_mean(x, dim=0, correction=0, keepdim=True)
        out = _wide(gamma) * (x - mean) / (var + eps).sqrt() + _wide(beta)
    return out, *running

EXPLANATION = {
    "en": "Your rows of C numbers are not pixels: x.reshape(-1, C) of (N, C, H, W) mixes the channels. In which order do the "
    "numbers lie in memory?",
    "zh": "你得到的每行 C 个数并不是一个像素：对 (N, C, H, W) 直接 reshape(-1, C) 会把通道混在一起。这些数在内存中按什么顺序排列"
    "？",
}


_proper_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    flat = x.reshape(-1, x.shape[1])[:, :, None, None]
    out, *running = _proper_norm(flat, gamma, beta, running_mean, running_var, training, momentum, eps)
    return out.reshape(x.shape), *running

EXPLANATION = {
    "en": "Your variance is divided by H·W - 1. By what does the docstring divide?",
    "zh": "你的方差除以的是 H·W - 1。文档字符串里除以什么？",
}


def adain(x, scale, shift, eps=1e-5):
    variance, mean = x.var(dim=(2, 3), keepdim=True), x.mean(dim=(2, 3), keepdim=True)
    return scale[:, :, None, None] * (x - mean) / torch.sqrt(variance + eps) + shift[:, :, None, None]

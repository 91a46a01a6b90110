EXPLANATION = {
    "en": "With more than one leading dimension, your dweight and dbias are sums over the first of them only. Which "
    "dimensions of x are samples?",
    "zh": "前面的维度不止一个时，你的 dweight 和 dbias 只对第一个维度求了和。x 的哪些维度算样本？",
}


def affine_backward(dout, cache):
    x, weight = cache
    return dout @ weight.T, x.transpose(-2, -1) @ dout if x.dim() > 2 else x.T @ dout, dout.sum(dim=0)

EXPLANATION = {
    "en": "Your dweight and dbias are divided by the number of samples. Is the 1/N of the loss not already in dout?",
    "zh": "你的 dweight 和 dbias 除以了样本数。损失里的 1/N 不是已经包含在 dout 里了吗？",
}


_summed_affine_backward = affine_backward


def affine_backward(dout, cache):
    dx, dweight, dbias = _summed_affine_backward(dout, cache)
    return dx, dweight / len(dout), dbias / len(dout)

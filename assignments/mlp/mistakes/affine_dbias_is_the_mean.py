EXPLANATION = {
    "en": "Your dbias is the mean of dout over the samples. The bias is added to every sample: what do its contributions do?",
    "zh": "你的 dbias 是 dout 对样本取的平均。偏置加在了每个样本上：这些样本的贡献应当怎样合起来？",
}


def affine_backward(dout, cache):
    x, weight = cache
    rows, drows = x.reshape(-1, x.shape[-1]), dout.reshape(-1, dout.shape[-1])
    return dout @ weight.T, rows.T @ drows, drows.mean(dim=0)

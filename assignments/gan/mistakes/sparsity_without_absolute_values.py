EXPLANATION = {
    "en": "Your sparsity term adds up the codes themselves: it agrees as long as none is negative. What does it reward then?",
    "zh": "你的稀疏项把编码直接相加，只要没有负数，结果就碰巧相同。出现负数时，它鼓励的是什么？",
}


def autoencoder_loss(x, W_e, b_e, W_d, b_d, sparsity=0.0, decay=0.0):
    h, reconstruction = autoencode(x, W_e, b_e, W_d, b_d)
    per_sample = ((x - reconstruction) ** 2).sum(dim=1) + sparsity * h.sum(dim=1)
    return per_sample.mean() + decay * ((W_e**2).sum() + (W_d**2).sum())

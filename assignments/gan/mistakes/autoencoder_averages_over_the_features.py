EXPLANATION = {
    "en": "Your squared error is divided by D as well. Over which axis does the formula have a mean, and over which a sum?",
    "zh": "你的平方误差还除以了 D。公式对哪个维度取平均，对哪个维度求和？",
}


def autoencoder_loss(x, W_e, b_e, W_d, b_d, sparsity=0.0, decay=0.0):
    h, reconstruction = autoencode(x, W_e, b_e, W_d, b_d)
    error = ((x - reconstruction) ** 2).mean()
    return error + sparsity * h.abs().sum(dim=1).mean() + decay * ((W_e**2).sum() + (W_d**2).sum())

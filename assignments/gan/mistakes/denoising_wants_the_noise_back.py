EXPLANATION = {
    "en": "Your loss is that of a reconstruction of x + noise. Should the network learn to repeat the noise?",
    "zh": "你的损失要求重构出 x + noise。难道要让网络学会复述噪声吗？",
}


def denoising_loss(x, noise, W_e, b_e, W_d, b_d):
    _, reconstruction = autoencode(x + noise, W_e, b_e, W_d, b_d)
    return ((x + noise - reconstruction) ** 2).sum(dim=1).mean()

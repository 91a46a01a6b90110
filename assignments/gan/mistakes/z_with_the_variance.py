EXPLANATION = {
    "en": "Your noise is multiplied by exp(logvar). Is that σ, or something else of σ?",
    "zh": "你的噪声乘的是 exp(logvar)。它是 σ，还是由 σ 得到的另一个量？",
}


def reparameterise(mu, logvar, noise):
    return mu + torch.exp(logvar) * noise

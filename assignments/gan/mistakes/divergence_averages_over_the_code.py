EXPLANATION = {
    "en": "Your divergence is divided by K. What is the divergence of K independent numbers, given that of each?",
    "zh": "你的散度除以了 K。已知每个数各自的散度，K 个独立的数合起来是多少？",
}


def kl_divergence(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(dim=1)

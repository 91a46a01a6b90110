EXPLANATION = {
    "en": "Your ELBO is the same for every beta. What is that argument for?",
    "zh": "无论 beta 取多少，你的 ELBO 都一样。这个参数是做什么用的？",
}


def elbo(x, logits, mu, logvar, beta=1.0):
    return (log_likelihood(x, logits) - kl_divergence(mu, logvar)).mean()

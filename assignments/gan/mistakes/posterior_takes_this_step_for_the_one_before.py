EXPLANATION = {
    "en": "In your posterior ᾱ_t stands where ᾱ_{t-1} belongs. What should remain of the noise after the first step back?",
    "zh": "你的后验里，本该是 ᾱ_{t-1} 的地方写成了 ᾱ_t。退回到起点时，还应当剩下噪声吗？",
}


def q_posterior(x0, x_t, t, betas):
    bar, beta = alpha_bars(betas)[t], betas[t]
    mean = _per_sample(bar.sqrt() * beta / (1 - bar), x0) * x0 + _per_sample((1 - beta).sqrt(), x_t) * x_t
    return mean, beta

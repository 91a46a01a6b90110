EXPLANATION = {
    "en": "Your x_t is ᾱ x_0 + (1 - ᾱ) ε. Which variance has that, if x_0 has variance 1?",
    "zh": "你的 x_t 是 ᾱ x_0 + (1 - ᾱ) ε。如果 x_0 的方差是 1，它的方差是多少？",
}


def q_sample(x0, t, noise, betas):
    kept = _per_sample(alpha_bars(betas)[t], x0)
    return kept * x0 + (1 - kept) * noise

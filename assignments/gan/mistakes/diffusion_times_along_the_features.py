EXPLANATION = {
    "en": "Your coefficients run along the last axis, which goes unnoticed when it is as long as the batch. Which axis "
    "does t belong to?",
    "zh": "你的系数沿最后一维变化；当它恰好和批次一样长时，没有任何报错。t 属于哪一维？",
}


def q_sample(x0, t, noise, betas):
    kept = alpha_bars(betas)[t]
    return kept.sqrt() * x0 + (1 - kept).sqrt() * noise

EXPLANATION = {
    "en": "Your second step starts from the corrected m̂ and v̂. Which m and v does the recursion remember?",
    "zh": "你的第二步是从修正后的 m̂ 和 v̂ 出发的。递推式里应当记住的是哪一个 m 和 v？",
}


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    zeros = [torch.zeros_like(w) for w in parameters]
    t, m, v = state or (0, zeros, zeros)
    t += 1
    m = [beta1 * a + (1 - beta1) * g for a, g in zip(m, gradients, strict=True)]
    v = [beta2 * a + (1 - beta2) * g * g for a, g in zip(v, gradients, strict=True)]
    m = [a / (1 - beta1**t) for a in m]
    v = [b / (1 - beta2**t) for b in v]
    steps = [a / (b.sqrt() + eps) for a, b in zip(m, v, strict=True)]
    return [w - rate * s for w, s in zip(parameters, steps, strict=True)], (t, m, v)

EXPLANATION = {
    "en": "Your step divides by v̂ itself. In which unit is v̂, compared with m̂?",
    "zh": "你的步长直接除以 v̂。和 m̂ 相比，v̂ 的量纲是什么？",
}


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    zeros = [torch.zeros_like(w) for w in parameters]
    t, m, v = state or (0, zeros, zeros)
    t += 1
    m = [beta1 * a + (1 - beta1) * g for a, g in zip(m, gradients, strict=True)]
    v = [beta2 * a + (1 - beta2) * g * g for a, g in zip(v, gradients, strict=True)]
    steps = [(a / (1 - beta1**t)) / (b / (1 - beta2**t) + eps) for a, b in zip(m, v, strict=True)]
    return [w - rate * s for w, s in zip(parameters, steps, strict=True)], (t, m, v)

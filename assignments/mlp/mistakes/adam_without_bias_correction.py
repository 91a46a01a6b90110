EXPLANATION = {
    "en": "Your first steps are what one gets without dividing by 1 - beta^t. How large are m and v after one step from zero?",
    "zh": "开头几步等于没有除以 1 - beta^t 的结果。从零出发走一步之后，m 和 v 有多大？",
}


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    zeros = [torch.zeros_like(w) for w in parameters]
    t, m, v = state or (0, zeros, zeros)
    t += 1
    m = [beta1 * a + (1 - beta1) * g for a, g in zip(m, gradients, strict=True)]
    v = [beta2 * a + (1 - beta2) * g * g for a, g in zip(v, gradients, strict=True)]
    steps = [a / (b.sqrt() + eps) for a, b in zip(m, v, strict=True)]
    return [w - rate * s for w, s in zip(parameters, steps, strict=True)], (t, m, v)

EXPLANATION = {
    "en": "You divide by 1 - beta at every step. What should that divisor come to after a thousand steps?",
    "zh": "你在每一步都除以 1 - beta。走了一千步之后，这个除数应当趋近多少？",
}


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    zeros = [torch.zeros_like(w) for w in parameters]
    t, m, v = state or (0, zeros, zeros)
    t += 1
    m = [beta1 * a + (1 - beta1) * g for a, g in zip(m, gradients, strict=True)]
    v = [beta2 * a + (1 - beta2) * g * g for a, g in zip(v, gradients, strict=True)]
    steps = [(a / (1 - beta1)) / ((b / (1 - beta2)).sqrt() + eps) for a, b in zip(m, v, strict=True)]
    return [w - rate * s for w, s in zip(parameters, steps, strict=True)], (t, m, v)

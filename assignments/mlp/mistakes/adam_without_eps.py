EXPLANATION = {
    "en": "A gradient that is zero from the start turns your parameter into nan, for 0 is divided by 0. What keeps the divisor "
    "from being zero?",
    "zh": "如果某个梯度从一开始就是零，你的参数会因为 0 除以 0 变成 nan。公式里靠什么避免分母为零？",
}


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    zeros = [torch.zeros_like(w) for w in parameters]
    t, m, v = state or (0, zeros, zeros)
    t += 1
    m = [beta1 * a + (1 - beta1) * g for a, g in zip(m, gradients, strict=True)]
    v = [beta2 * a + (1 - beta2) * g * g for a, g in zip(v, gradients, strict=True)]
    steps = [(a / (1 - beta1**t)) / (b / (1 - beta2**t)).sqrt() for a, b in zip(m, v, strict=True)]
    return sgd_step(parameters, steps, rate), (t, m, v)

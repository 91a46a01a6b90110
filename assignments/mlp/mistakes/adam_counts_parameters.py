EXPLANATION = {
    "en": "Your t goes up once per parameter instead of once per step. Which t does the second parameter of the first step see?",
    "zh": "你的 t 每处理一个参数就加一，而不是每一步加一。第一步里的第二个参数看到的 t 是多少？",
}


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    zeros = [torch.zeros_like(w) for w in parameters]
    t, m, v = state or (0, zeros, zeros)
    moved, new_m, new_v = [], [], []
    for w, g, a, b in zip(parameters, gradients, m, v, strict=True):
        t += 1
        new_m.append(beta1 * a + (1 - beta1) * g)
        new_v.append(beta2 * b + (1 - beta2) * g * g)
        moved.append(w - rate * (new_m[-1] / (1 - beta1**t)) / ((new_v[-1] / (1 - beta2**t)).sqrt() + eps))
    return moved, (t, new_m, new_v)

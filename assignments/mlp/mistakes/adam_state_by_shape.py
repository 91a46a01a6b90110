EXPLANATION = {
    "en": "Two parameters of the same shape share their moments. By what is the state of a parameter found?",
    "zh": "形状相同的两个参数共用了同一份矩。你是用什么来查找某个参数的状态的？",
}


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    state = dict(state or {"t": 0})
    state["t"] += 1
    t, moved = state["t"], []
    for w, g in zip(parameters, gradients, strict=True):
        m, v = state.get(str(w.shape), (torch.zeros_like(w), torch.zeros_like(w)))
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        state[str(w.shape)] = m, v
        moved.append(w - rate * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps))
    return moved, state

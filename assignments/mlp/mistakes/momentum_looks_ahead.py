EXPLANATION = {
    "en": "Your step uses momentum · v + g once more after v was updated; that is Nesterov's variant. Which one is asked for?",
    "zh": "v 更新之后，你又用 momentum · v + g 走了一步，这是 Nesterov 的变体。题目要的是哪一种？",
}


def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    velocity = state or [torch.zeros_like(w) for w in parameters]
    velocity = [momentum * v + g for v, g in zip(velocity, gradients, strict=True)]
    return [w - rate * (momentum * v + g) for w, v, g in zip(parameters, velocity, gradients, strict=True)], velocity

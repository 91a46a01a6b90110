EXPLANATION = {
    "en": "Every step of yours looks like the first one. Which velocity does the second step begin with?",
    "zh": "你的每一步都和第一步一样。第二步开始时，速度应当是多少？",
}


def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    return [w - rate * g for w, g in zip(parameters, gradients, strict=True)], list(gradients)

EXPLANATION = {
    "en": "Your velocity takes (1 - momentum) · g. That is a moving average; which factor does the formula of this "
    "homework give to g?",
    "zh": "你的速度里 g 乘了 (1 - momentum)。那是滑动平均；本作业的公式里，g 前面的系数是什么？",
}


def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    velocity = state or [torch.zeros_like(w) for w in parameters]
    velocity = [momentum * v + (1 - momentum) * g for v, g in zip(velocity, gradients, strict=True)]
    return [w - rate * v for w, v in zip(parameters, velocity, strict=True)], velocity

EXPLANATION = {
    "en": "Your parameters move along the gradient. Does the loss fall or rise in that direction?",
    "zh": "你的参数顺着梯度移动。朝这个方向走，损失是下降还是上升？",
}


def sgd_step(parameters, gradients, rate):
    return [w + rate * g for w, g in zip(parameters, gradients, strict=True)]

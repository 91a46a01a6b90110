EXPLANATION = {
    "en": "Your loss is twice the one asked for, and so is its gradient. Which factor stands before the sum?",
    "zh": "损失和梯度都恰好是要求的两倍。求和号前面的系数是什么？",
}


def mse_loss(prediction, target):
    difference = prediction - target
    return (difference**2).sum() / len(prediction), 2 * difference / len(prediction)

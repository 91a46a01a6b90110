EXPLANATION = {
    "en": "Your gradient of the absolute distance grows with the distance. How steep is |x| at 1, and at 10?",
    "zh": "你给出的绝对值距离的梯度会随距离变大。|x| 在 1 处和 10 处各有多陡？",
}


def mae_loss(prediction, target):
    difference = prediction - target
    return difference.abs().sum() / len(prediction), difference / len(prediction)

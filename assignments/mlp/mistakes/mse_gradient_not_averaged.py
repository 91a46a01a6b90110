EXPLANATION = {
    "en": "Your loss is averaged over the samples, its gradient is not. What is the derivative of 1/N · f?",
    "zh": "损失对样本取了平均，梯度却没有。1/N · f 的导数是什么？",
}


def mse_loss(prediction, target):
    difference = prediction - target
    return (difference**2).sum() / (2 * len(prediction)), difference

EXPLANATION = {
    "en": "Your loss grows with the number of samples, and so does its gradient. What is the sum divided by?",
    "zh": "样本越多，损失就越大，梯度也一样。这个和还要除以什么？",
}


def mse_loss(prediction, target):
    difference = prediction - target
    return (difference**2).sum() / 2, difference

EXPLANATION = {
    "en": "Loss and gradients are sums over your images. What is asked for?",
    "zh": "你的损失和梯度是对所有图像求和的。题目要求的是什么？",
}


_mean_loss = loss_and_gradients


def loss_and_gradients(model, images, labels):
    loss, gradients = _mean_loss(model, images, labels)
    return loss * len(images), {name: value * len(images) for name, value in gradients.items()}

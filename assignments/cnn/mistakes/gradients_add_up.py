EXPLANATION = {
    "en": "Your second call returns the sum of both gradients. What does backward() do with a .grad that is there already?",
    "zh": "你第二次调用返回的是两次梯度之和。backward() 遇到已有的 .grad 会怎么做？",
}


def loss_and_gradients(model, images, labels):
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    return loss.detach(), {name: value.grad for name, value in model.named_parameters()}

EXPLANATION = {
    "en": "Your loss is that of softmax taken twice. What does cross_entropy expect?",
    "zh": "你的损失等于做了两次 softmax。cross_entropy 需要的输入是什么？",
}


def loss_and_gradients(model, images, labels):
    loss = nn.functional.cross_entropy(model(images).softmax(dim=1), labels)
    names, parameters = zip(*model.named_parameters(), strict=True)
    return loss.detach(), dict(zip(names, torch.autograd.grad(loss, parameters), strict=True))

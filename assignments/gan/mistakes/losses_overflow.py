EXPLANATION = {
    "en": "For logits of some hundred your losses are infinite. A sigmoid can be 0 in float32; can the loss be written "
    "without it?",
    "zh": "logits 达到几百时，你的损失变成了无穷大。float32 里 sigmoid 可能等于 0；能不能不经过它来写损失？",
}


def discriminator_loss(real_logits, fake_logits):
    return -torch.log(torch.sigmoid(real_logits)).mean() - torch.log(1 - torch.sigmoid(fake_logits)).mean()


def generator_loss(fake_logits):
    return -torch.log(torch.sigmoid(fake_logits)).mean()


def saturating_loss(fake_logits):
    return torch.log(1 - torch.sigmoid(fake_logits)).mean()

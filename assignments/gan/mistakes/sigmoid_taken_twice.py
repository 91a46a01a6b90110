EXPLANATION = {
    "en": "Your losses take the sigmoid of a probability. What are the arguments, logits or D(x)?",
    "zh": "你的损失对概率又做了一次 sigmoid。传入的是 logits 还是 D(x)？",
}


def discriminator_loss(real_logits, fake_logits):
    return softplus(-torch.sigmoid(real_logits)).mean() + softplus(torch.sigmoid(fake_logits)).mean()


def generator_loss(fake_logits):
    return softplus(-torch.sigmoid(fake_logits)).mean()

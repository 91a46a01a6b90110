EXPLANATION = {
    "en": "Your loss of the discriminator is half of what is asked for. Do the two means add up, or are they averaged?",
    "zh": "你的判别器损失只有要求的一半。两个平均值是相加，还是再取平均？",
}


def discriminator_loss(real_logits, fake_logits):
    return (softplus(-real_logits).mean() + softplus(fake_logits).mean()) / 2

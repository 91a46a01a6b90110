EXPLANATION = {
    "en": "You average over both batches together and double it. When is that the sum of two means, and when is it not?",
    "zh": "你把两批放在一起平均，再乘以 2。什么时候这等于两个平均之和，什么时候不等？",
}


def discriminator_loss(real_logits, fake_logits):
    return 2 * torch.cat([softplus(-real_logits), softplus(fake_logits)]).mean()

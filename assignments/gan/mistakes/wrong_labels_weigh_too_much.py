EXPLANATION = {
    "en": "In your loss each kind of wrong counts as much as the right one. Which weights does the formula have?",
    "zh": "在你的损失里，两种“不对”的权重都和“对”一样大。公式里的权重各是多少？",
}


def conditional_loss(right_logits, wrong_logits, fake_logits):
    return softplus(-right_logits).mean() + softplus(wrong_logits).mean() + softplus(fake_logits).mean()

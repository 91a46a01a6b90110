EXPLANATION = {
    "en": "Your loss has the shape (1,) for logits (N, 1). Over which axes did you take the mean?",
    "zh": "logits 为 (N, 1) 时，你的损失形状是 (1,)。你对哪些维度取了平均？",
}


def generator_loss(fake_logits):
    return softplus(-fake_logits).mean(dim=0)

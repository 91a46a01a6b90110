EXPLANATION = {
    "en": "Your value is the fraction of right answers. Should a loss rise or fall as the model gets better?",
    "zh": "你返回的是答对的比例。模型变好时，损失应当上升还是下降？",
}


def zero_one_loss(logits, labels):
    return (logits.argmax(dim=1) == labels).to(logits.dtype).mean()

EXPLANATION = {
    "en": "Your loss is the number of errors. What must happen to it so that 10 and 10 000 samples can be compared?",
    "zh": "你的损失是错误的个数。怎样才能让 10 个样本和 10 000 个样本的结果可以相互比较？",
}


def zero_one_loss(logits, labels):
    return (logits.argmax(dim=1) != labels).to(logits.dtype).sum()

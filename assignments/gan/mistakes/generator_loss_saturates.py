EXPLANATION = {
    "en": "Your generator's loss is that of the zero-sum game. Which of the two does the docstring ask for, and how do "
    "their gradients differ where D is sure?",
    "zh": "你的生成器损失是零和博弈的那一个。文档字符串要的是哪一个？在 D 很有把握的地方，两者的梯度有什么不同？",
}


def generator_loss(fake_logits):
    return -softplus(fake_logits).mean()

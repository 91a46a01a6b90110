EXPLANATION = {
    "en": "Your logits never leave -1 to 1. What may a logit be?",
    "zh": "你的 logits 总在 -1 和 1 之间。logit 可以取哪些值？",
}


class LeNet5(LeNet5):
    def forward(self, images):
        return super().forward(images).tanh()

EXPLANATION = {
    "en": "The first call is right, the second is not: it still holds the gradients of the first. What is the sum for?",
    "zh": "第一次调用是对的，第二次就不对了：结果里还留着第一次的梯度。为什么要把它们加起来？",
}
CHECKS = ["gradients_for_any_depth"]


class MLP(MLP):
    def loss_and_gradients(self, x, labels):
        loss, gradients = super().loss_and_gradients(x, labels)
        before = getattr(self, "_gradients", [0] * len(gradients))
        self._gradients = [old + new for old, new in zip(before, gradients, strict=True)]
        return loss, self._gradients

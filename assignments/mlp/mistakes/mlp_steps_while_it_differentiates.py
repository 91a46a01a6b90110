EXPLANATION = {
    "en": "Your MLP changes its parameters while it computes gradients. Whose task is the step?",
    "zh": "你的 MLP 在求梯度的同时改动了参数。更新参数是谁的工作？",
}


class MLP(MLP):
    def loss_and_gradients(self, x, labels):
        loss, gradients = super().loss_and_gradients(x, labels)
        self._parameters = sgd_step(self._parameters, gradients, 0.1)
        return loss, gradients

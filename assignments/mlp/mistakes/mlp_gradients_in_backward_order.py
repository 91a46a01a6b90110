EXPLANATION = {
    "en": "Your gradients come in the order in which backpropagation meets them. In which order does parameters() list "
    "the layers?",
    "zh": "你的梯度按反向传播遇到的先后排列。parameters() 里各层是什么顺序？",
}


class MLP(MLP):
    def loss_and_gradients(self, x, labels):
        loss, gradients = super().loss_and_gradients(x, labels)
        pairs = [gradients[i : i + 2] for i in range(0, len(gradients), 2)]
        return loss, [gradient for pair in reversed(pairs) for gradient in pair]

EXPLANATION = {
    "en": "Your logits are never negative: there is a ReLU after the last layer. What can a class with logit 0 still "
    "tell from another?",
    "zh": "你的 logits 从不为负：最后一层后面还有一个 ReLU。两个 logit 都是 0 的类别还能分出高下吗？",
}


class MLP(MLP):
    def _forward(self, x):
        caches = []
        for i in range(0, len(self._parameters), 2):
            x, affine_cache = affine_forward(x, *self._parameters[i : i + 2])
            x, relu_cache = relu_forward(x)
            caches.append((affine_cache, relu_cache))
        return x, caches

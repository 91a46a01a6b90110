EXPLANATION = {
    "en": "Your MLP is a chain of affine layers with nothing between them. What single layer does that amount to?",
    "zh": "你的 MLP 是一串仿射层，中间什么都没有。它相当于怎样的一层？",
}


class MLP(MLP):
    def _forward(self, x):
        caches = []
        for i in range(0, len(self._parameters), 2):
            x, affine_cache = affine_forward(x, *self._parameters[i : i + 2])
            caches.append((affine_cache, None))
        return x, caches

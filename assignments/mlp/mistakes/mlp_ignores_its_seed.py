EXPLANATION = {
    "en": "Two seeds give your MLP the same weights. Which generator does `seed` reach?",
    "zh": "两个不同的种子给出了同样的权重。`seed` 传给了哪个随机数生成器？",
}


class MLP(MLP):
    def __init__(self, sizes, seed=0):
        super().__init__(sizes, 0)

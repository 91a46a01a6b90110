EXPLANATION = {
    "en": "Two seeds give your Reader the same weights. Which generator does `seed` reach?",
    "zh": "两个不同的种子给出了同样的权重。`seed` 传给了哪个随机数生成器？",
}


class Reader(Reader):
    def __init__(self, seed=0):
        super().__init__(0)

EXPLANATION = {
    "en": "All weights of your Reader begin at 0. Which gradient do two units get that start alike?",
    "zh": "你的 Reader 所有权重都从 0 开始。两个初始值相同的单元会得到怎样的梯度？",
}


class Reader(Reader):
    def __init__(self, seed=0):
        super().__init__(seed)
        self._parameters = [torch.zeros_like(value) for value in self._parameters]

EXPLANATION = {
    "en": "All weights of your MLP begin at 0. Which gradient do two hidden units get that start alike?",
    "zh": "你的 MLP 所有权重都从 0 开始。两个初始值相同的隐藏单元会得到怎样的梯度？",
}


class MLP(MLP):
    def __init__(self, sizes, seed=0):
        self._parameters = [torch.zeros(shape) for i, o in pairwise(sizes) for shape in ((i, o), (o,))]

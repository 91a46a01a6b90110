EXPLANATION = {
    "en": "Your updates have the same size for every `rate`. Where does the learning rate enter the rule?",
    "zh": "`rate` 取多少，更新的幅度都一样。学习率应当出现在规则的哪个位置？",
}


class Perceptron(Perceptron):
    def _pass(self, x, y, rate):
        return super()._pass(x, y, 1.0)

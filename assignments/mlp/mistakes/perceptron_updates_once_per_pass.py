EXPLANATION = {
    "en": "Your weights move once per pass, by the sum over all samples. When does the rule correct: after the pass, "
    "or after each sample?",
    "zh": "权重每一轮只更新一次，用的是所有样本的总和。学习规则是在一轮结束后修正，还是看完每个样本就修正？",
}


class Perceptron(Perceptron):
    def _pass(self, x, y, rate):
        error = y - self.predict(x)
        self.weight = self.weight + rate * error.float() @ x
        self.bias = self.bias + rate * error.sum()
        return int((error != 0).sum())

EXPLANATION = {
    "en": "Your unit answers 1 where the sum is exactly 0. What does the docstring say about that case?",
    "zh": "加权和恰好为 0 时，你的单元输出 1。文档字符串对这种情况是怎么规定的？",
}


class Perceptron(Perceptron):
    def predict(self, x):
        return (x @ self.weight + self.bias >= 0).long()

EXPLANATION = {
    "en": "`fit` returns True whatever happened. What should a caller learn about labels that no line can separate?",
    "zh": "无论结果如何，`fit` 都返回 True。如果标签根本无法用一条直线分开，调用者应该得到什么答复？",
}


class Perceptron(Perceptron):
    def fit(self, x, y, rate=1.0, max_epochs=100):
        super().fit(x, y, rate, max_epochs)
        return True

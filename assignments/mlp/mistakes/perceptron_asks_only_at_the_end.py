EXPLANATION = {
    "en": "`fit` says True as soon as no sample is answered wrongly. The docstring asks for a whole pass without an error: "
    "on AND the fifth pass still makes some. How do you count them?",
    "zh": "一轮结束后样本全答对，`fit` 就返回 True。可文档字符串要求整轮都没有出错：AND 的第五轮中途还有错误。你怎样统计错误？",
}
CHECKS = ["xor_is_reported_as_not_learnt"]


class Perceptron(Perceptron):
    def fit(self, x, y, rate=1.0, max_epochs=100):
        for _ in range(max_epochs):
            self._pass(x, y, rate)
            if bool((self.predict(x) == y).all()):
                return True
        return False

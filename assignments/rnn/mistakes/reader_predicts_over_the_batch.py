EXPLANATION = {
    "en": "Your prediction takes the largest logit of a column. Between what does the Reader choose?",
    "zh": "你的预测取的是每一列中最大的 logit。Reader 是在什么之间做选择？",
}


class Reader(Reader):
    def predict(self, words, lengths):
        return self.logits(words, lengths).argmax(dim=0)

EXPLANATION = {
    "en": "Your Reader's logits depend on what stands past the end of a name. After which letter is its state to be read off?",
    "zh": "你的 Reader 的 logits 取决于名称结束之后的内容。应当在读完哪个字母之后取状态？",
}


class Reader(Reader):
    def logits(self, words, lengths):
        return super().logits(words, torch.full_like(lengths, words.shape[1]))

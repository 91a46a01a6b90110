EXPLANATION = {
    "en": "Your Reader adds no positions. Which card is the one before, for somebody who sees six cards in a heap?",
    "zh": "你的 Reader 没有加位置编码。如果六张卡片堆成一堆，怎么知道哪张是前一张？",
}


class Reader(Reader):
    def logits(self, cards):
        E, e, *layer, V, c = self._parameters
        return encoder_layer(cards @ E.T + e, dict(zip(self.NAMES, layer, strict=True)), self.HEADS) @ V.T + c

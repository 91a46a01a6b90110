EXPLANATION = {
    "en": "You take tag 1 for the arrival and tag 2 for the destination. In which order does the docstring number them?",
    "zh": "你把标签 1 当成了到达时间，把标签 2 当成了目的地。文档字符串里的编号是什么顺序？",
}


def fill_slots(words, logits):
    slots = {}
    for word, k in zip(words, logits.argmax(dim=1).tolist(), strict=True):
        if k:
            name = ("arrival", "destination")[k - 1]
            slots[name] = slots.get(name, "") + word
    return slots

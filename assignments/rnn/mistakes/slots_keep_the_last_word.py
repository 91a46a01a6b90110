EXPLANATION = {
    "en": "When a slot has several words, you keep only the last one. What is left of 2月 18日?",
    "zh": "一个槽位有好几个词时，你只留下了最后一个。“2月 18日”会剩下什么？",
}


def fill_slots(words, logits):
    tags = logits.argmax(dim=1).tolist()
    return {("destination", "arrival")[k - 1]: word for word, k in zip(words, tags, strict=True) if k}

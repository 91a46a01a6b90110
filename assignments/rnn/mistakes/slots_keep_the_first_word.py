EXPLANATION = {
    "en": "When a slot has several words, you keep only the first one. What is left of 2月 18日?",
    "zh": "一个槽位有好几个词时，你只留下了第一个。“2月 18日”会剩下什么？",
}


def fill_slots(words, logits):
    slots = {}
    for word, k in zip(words, logits.argmax(dim=1).tolist(), strict=True):
        if k:
            slots.setdefault(("destination", "arrival")[k - 1], word)
    return slots

EXPLANATION = {
    "en": "You flip whole rows, so a short sequence now begins with its padding. Where should its own last step go?",
    "zh": "你把整行翻转了，短序列于是以填充开头。它自己的最后一步应当放到哪里？",
}


def reverse_sequences(x, lengths):
    return x.flip(1)

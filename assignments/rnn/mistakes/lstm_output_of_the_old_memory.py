EXPLANATION = {
    "en": "Your h is made from the old C. Is what the cell has just learnt in its output?",
    "zh": "你的 h 是用旧的 C 算出来的。单元刚刚记住的内容体现在输出里了吗？",
}


def lstm_step(x, h, C, weights):
    f, i, o = (torch.sigmoid(_gate(h, x, weights, name)) for name in "fio")
    candidate = torch.tanh(_gate(h, x, weights, "c"))
    return f, i, candidate, f * C + i * candidate, o, o * torch.tanh(C)

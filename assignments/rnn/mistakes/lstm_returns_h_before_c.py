EXPLANATION = {
    "en": "You return the two states in the order h, o, C. In which order does the docstring list them?",
    "zh": "你返回的顺序是 h、o、C。文档字符串里是什么顺序？",
}


def lstm_step(x, h, C, weights):
    f, i, o = (torch.sigmoid(_gate(h, x, weights, name)) for name in "fio")
    candidate = torch.tanh(_gate(h, x, weights, "c"))
    C = f * C + i * candidate
    return f, i, candidate, o * torch.tanh(C), o, C

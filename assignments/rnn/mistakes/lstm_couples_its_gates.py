EXPLANATION = {
    "en": "Your new C takes 1 - f of the candidate, and i plays no part in it. What is W_i for?",
    "zh": "你的新 C 里，候选状态的权重是 1 - f，i 没有起作用。那么 W_i 是做什么用的？",
}


def lstm_step(x, h, C, weights):
    f, i, o = (torch.sigmoid(_gate(h, x, weights, name)) for name in "fio")
    candidate = torch.tanh(_gate(h, x, weights, "c"))
    C = f * C + (1 - f) * candidate
    return f, i, candidate, C, o, o * torch.tanh(C)

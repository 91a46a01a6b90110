EXPLANATION = {
    "en": "Your forget gate is a tanh and can be negative. What would it mean to keep -0.5 of a memory?",
    "zh": "你的遗忘门用了 tanh，可能为负。“保留 -0.5 的记忆”是什么意思？",
}


def lstm_step(x, h, C, weights):
    i, o = (torch.sigmoid(_gate(h, x, weights, name)) for name in "io")
    f, candidate = (torch.tanh(_gate(h, x, weights, name)) for name in "fc")
    C = f * C + i * candidate
    return f, i, candidate, C, o, o * torch.tanh(C)

EXPLANATION = {
    "en": "Your h is o ∘ C. What bounds h when C has counted up to 20?",
    "zh": "你的 h 是 o ∘ C。当 C 累积到 20 时，是什么限制了 h 的大小？",
}


def lstm_step(x, h, C, weights):
    f, i, o = (torch.sigmoid(_gate(h, x, weights, name)) for name in "fio")
    candidate = torch.tanh(_gate(h, x, weights, "c"))
    C = f * C + i * candidate
    return f, i, candidate, C, o, o * C

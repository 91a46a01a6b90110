EXPLANATION = {
    "en": "Your C is i ∘ C + f ∘ c̃. Which gate decides about the old memory?",
    "zh": "你的 C 是 i ∘ C + f ∘ c̃。旧的记忆由哪个门来决定？",
}


def lstm_step(x, h, C, weights):
    f, i, o = (torch.sigmoid(_gate(h, x, weights, name)) for name in "fio")
    candidate = torch.tanh(_gate(h, x, weights, "c"))
    C = i * C + f * candidate
    return f, i, candidate, C, o, o * torch.tanh(C)

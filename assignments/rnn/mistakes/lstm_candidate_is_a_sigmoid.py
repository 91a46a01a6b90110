EXPLANATION = {
    "en": "Your candidate c̃ is a sigmoid, so it is never negative. How could C ever go down except by forgetting?",
    "zh": "你的候选状态 c̃ 用了 sigmoid，因此永远不为负。除了遗忘，C 还能怎样变小？",
}


def lstm_step(x, h, C, weights):
    f, i, candidate, o = (torch.sigmoid(_gate(h, x, weights, name)) for name in "fico")
    C = f * C + i * candidate
    return f, i, candidate, C, o, o * torch.tanh(C)

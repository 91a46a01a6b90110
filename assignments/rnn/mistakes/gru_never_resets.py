EXPLANATION = {
    "en": "Your candidate does not depend on r. What should h̃ look like when r is 0?",
    "zh": "你的候选状态与 r 无关。当 r 为 0 时，h̃ 应当是什么样子？",
}


def gru_step(x, h, weights):
    z, r = (torch.sigmoid(_gate(h, x, weights, name)) for name in "zr")
    candidate = torch.tanh(_gate(h, x, weights, "h"))
    return z, r, candidate, z * h + (1 - z) * candidate

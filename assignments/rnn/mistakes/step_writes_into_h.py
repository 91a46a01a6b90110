EXPLANATION = {
    "en": "Your step changes the h that it was given. Who else may still need the old state?",
    "zh": "你的单步函数改动了传入的 h。还有谁可能需要原来的状态？",
}


def rnn_step(x, h, W_hh, W_hx, b, activation="tanh"):
    a = h @ W_hh.T + x @ W_hx.T + b
    return h.copy_(torch.tanh(a) if activation == "tanh" else a.clamp(min=0))

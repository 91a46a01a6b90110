EXPLANATION = {
    "en": "In your cell only W_hh h goes through f; the input is added afterwards. What does the bracket in the formula enclose?",
    "zh": "你的单元里只有 W_hh h 经过了 f，输入是在激活之后才加上的。公式里的括号括住了哪些项？",
}


def rnn_step(x, h, W_hh, W_hx, b, activation="tanh"):
    a, rest = h @ W_hh.T, x @ W_hx.T + b
    return torch.tanh(a) + rest if activation == "tanh" else a.clamp(min=0) + rest

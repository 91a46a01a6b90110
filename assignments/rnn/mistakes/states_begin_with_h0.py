EXPLANATION = {
    "en": "Your first state is h_0, and the last one is missing. How often has the cell been used when h_1 is written down?",
    "zh": "你返回的第一个状态是 h_0，最后一个状态却不见了。写下 h_1 的时候，单元已经用过几次？",
}


def rnn_forward(x, h0, W_hh, W_hx, b, activation="tanh"):
    h, states = h0, []
    for t in range(x.shape[1]):
        states.append(h)
        h = rnn_step(x[:, t], h, W_hh, W_hx, b, activation)
    return torch.stack(states, dim=1)

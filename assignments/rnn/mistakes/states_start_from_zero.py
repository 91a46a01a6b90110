EXPLANATION = {
    "en": "Your states do not depend on h0: they start from zero. Who tells a decoder what the encoder has read?",
    "zh": "你的状态与 h0 无关，总是从零开始。那么解码器靠什么知道编码器读到了什么？",
}


def rnn_forward(x, h0, W_hh, W_hx, b, activation="tanh"):
    h, states = torch.zeros_like(h0), []
    for x_t in x.unbind(dim=1):
        h = rnn_step(x_t, h, W_hh, W_hx, b, activation)
        states.append(h)
    return torch.stack(states, dim=1)

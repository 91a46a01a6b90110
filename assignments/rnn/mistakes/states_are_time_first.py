EXPLANATION = {
    "en": "Your states come as (T, N, H). Which dimension does torch.stack insert, and where does this homework want time?",
    "zh": "你的状态形状是 (T, N, H)。torch.stack 把新的维度插在哪里？本作业的时间维应当在哪里？",
}


def rnn_forward(x, h0, W_hh, W_hx, b, activation="tanh"):
    h, states = h0, []
    for x_t in x.unbind(dim=1):
        h = rnn_step(x_t, h, W_hh, W_hx, b, activation)
        states.append(h)
    return torch.stack(states)

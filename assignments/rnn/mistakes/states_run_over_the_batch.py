EXPLANATION = {
    "en": "Your loop runs over the first dimension, so one sequence hands its state to the next sequence. Which "
    "dimension is time?",
    "zh": "你的循环沿第一维进行，于是一条序列把状态传给了另一条序列。哪一维才是时间？",
}


def rnn_forward(x, h0, W_hh, W_hx, b, activation="tanh"):
    h, states = h0[:1].expand(x.shape[1], -1), []
    for x_n in x:
        h = rnn_step(x_n, h, W_hh, W_hx, b, activation)
        states.append(h)
    return torch.stack(states)

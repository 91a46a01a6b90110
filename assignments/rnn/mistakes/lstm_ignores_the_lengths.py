EXPLANATION = {
    "en": "Your LSTM reads the padding of short sequences. What does states[:, -1] hold for them?",
    "zh": "你的 LSTM 把短序列的填充也读了进去。对它们来说，states[:, -1] 里是什么？",
}


def lstm_forward(x, lengths, h0, C0, weights):
    h, C, states = h0, C0, []
    for x_t in x.unbind(dim=1):
        *_, C, _, h = lstm_step(x_t, h, C, weights)
        states.append(h)
    return torch.stack(states, dim=1), C

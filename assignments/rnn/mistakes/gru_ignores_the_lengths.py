EXPLANATION = {
    "en": "Your GRU reads the padding of short sequences. What does states[:, -1] hold for them?",
    "zh": "你的 GRU 把短序列的填充也读了进去。对它们来说，states[:, -1] 里是什么？",
}
CHECKS = ["gru_over_sequences"]


def gru_forward(x, lengths, h0, weights):
    h, states = h0, []
    for x_t in x.unbind(dim=1):
        h = gru_step(x_t, h, weights)[-1]
        states.append(h)
    return torch.stack(states, dim=1)

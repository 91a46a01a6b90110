EXPLANATION = {
    "en": "Your h stands still after the end of a sequence, but C reads the padding. Which states does an LSTM carry along?",
    "zh": "序列结束之后，你的 h 停住了，C 却还在读填充。LSTM 一步步往后传的有哪些状态？",
}


def lstm_forward(x, lengths, h0, C0, weights):
    h, C, states = h0, C0, []
    for x_t, inside in zip(x.unbind(dim=1), length_mask(lengths, x.shape[1]).unbind(dim=1), strict=True):
        *_, C, _, new_h = lstm_step(x_t, h, C, weights)
        h = torch.where(inside[:, None], new_h, h)
        states.append(h)
    return torch.stack(states, dim=1), C

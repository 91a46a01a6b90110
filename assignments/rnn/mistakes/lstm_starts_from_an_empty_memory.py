EXPLANATION = {
    "en": "Your LSTM starts from C = 0, whatever C0 is. What would a sequence lose that is read in two pieces?",
    "zh": "无论 C0 是什么，你的 LSTM 都从 C = 0 开始。把一条序列分成两段来读，会丢掉什么？",
}


def lstm_forward(x, lengths, h0, C0, weights):
    h, C, states = h0, torch.zeros_like(C0), []
    for x_t, inside in zip(x.unbind(dim=1), length_mask(lengths, x.shape[1]).unbind(dim=1), strict=True):
        *_, new_C, _, new_h = lstm_step(x_t, h, C, weights)
        h, C = torch.where(inside[:, None], new_h, h), torch.where(inside[:, None], new_C, C)
        states.append(h)
    return torch.stack(states, dim=1), C

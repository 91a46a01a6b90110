EXPLANATION = {
    "en": "Your states are right, but no gradient comes back through them: they were copied with detach, data or "
    "numpy. Who trains W_hh then?",
    "zh": "状态的数值是对的，但梯度传不回来：中途用了 detach、data 或 numpy。这样 W_hh 还怎么训练？",
}


def rnn_forward(x, h0, W_hh, W_hx, b, activation="tanh"):
    h, states = h0, []
    for x_t in x.unbind(dim=1):
        h = rnn_step(x_t, h, W_hh, W_hx, b, activation)
        states.append(h.detach())
    return torch.stack(states, dim=1)

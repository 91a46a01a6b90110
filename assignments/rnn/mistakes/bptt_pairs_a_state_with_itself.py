EXPLANATION = {
    "en": "Your dW_hh pairs each step's gradient with h_t. Which state did W_hh multiply at step t?",
    "zh": "你的 dW_hh 把每一步的梯度与 h_t 配对。第 t 步的 W_hh 乘的是哪个状态？",
}


def rnn_backward(dstates, cache):
    x, h0, states, W_hh, W_hx = cache
    dh, das = torch.zeros_like(h0), []
    for t in reversed(range(states.shape[1])):
        da = (dstates[:, t] + dh) * (1 - states[:, t] ** 2)
        dh = da @ W_hh
        das.append(da)
    da = torch.stack(das[::-1], dim=1)
    dW_hh, dW_hx = (torch.einsum("nti,ntj->ij", da, value) for value in (states, x))
    return da @ W_hx, dh, dW_hh, dW_hx, da.sum(dim=(0, 1))

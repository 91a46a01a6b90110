EXPLANATION = {
    "en": "Your tanh derivative multiplies dstates only, not what comes back from later steps. Which of the two went "
    "through tanh at step t?",
    "zh": "你的 tanh 导数只乘了 dstates，没有乘从后面传回来的那一部分。这两部分里，哪些在第 t 步经过了 tanh？",
}


def rnn_backward(dstates, cache):
    x, h0, states, W_hh, W_hx = cache
    before = torch.cat([h0[:, None], states[:, :-1]], dim=1)
    dh, das = torch.zeros_like(h0), []
    for t in reversed(range(states.shape[1])):
        da = dstates[:, t] * (1 - states[:, t] ** 2) + dh
        dh = da @ W_hh
        das.append(da)
    da = torch.stack(das[::-1], dim=1)
    dW_hh, dW_hx = (torch.einsum("nti,ntj->ij", da, value) for value in (before, x))
    return da @ W_hx, dh, dW_hh, dW_hx, da.sum(dim=(0, 1))

EXPLANATION = {
    "en": "Your dW_hh leaves the first step out, where W_hh multiplies h_0. When may that be left out?",
    "zh": "你的 dW_hh 漏掉了第一步，而那里 W_hh 乘的是 h_0。什么时候才可以不算它？",
}


def rnn_backward(dstates, cache):
    x, h0, states, W_hh, W_hx = cache
    before = torch.cat([torch.zeros_like(h0)[:, None], states[:, :-1]], dim=1)
    dh, das = torch.zeros_like(h0), []
    for t in reversed(range(states.shape[1])):
        da = (dstates[:, t] + dh) * (1 - states[:, t] ** 2)
        dh = da @ W_hh
        das.append(da)
    da = torch.stack(das[::-1], dim=1)
    dW_hh, dW_hx = (torch.einsum("nti,ntj->ij", da, value) for value in (before, x))
    return da @ W_hx, dh, dW_hh, dW_hx, da.sum(dim=(0, 1))

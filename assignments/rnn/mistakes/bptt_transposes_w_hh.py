EXPLANATION = {
    "en": "On the way back you multiply by W_hh the same way round as on the way forward. Which index of W_hh does "
    "the gradient come in by?",
    "zh": "反向时你乘 W_hh 的方向和前向时一样。梯度是从 W_hh 的哪个下标进来的？",
}


def rnn_backward(dstates, cache):
    x, h0, states, W_hh, W_hx = cache
    before = torch.cat([h0[:, None], states[:, :-1]], dim=1)
    dh, das = torch.zeros_like(h0), []
    for t in reversed(range(states.shape[1])):
        da = (dstates[:, t] + dh) * (1 - states[:, t] ** 2)
        dh = da @ W_hh.T
        das.append(da)
    da = torch.stack(das[::-1], dim=1)
    dW_hh, dW_hx = (torch.einsum("nti,ntj->ij", da, value) for value in (before, x))
    return da @ W_hx, dh, dW_hh, dW_hx, da.sum(dim=(0, 1))

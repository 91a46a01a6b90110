EXPLANATION = {
    "en": "Your backward pass adds into the dstates that it was given. What does a second call with the same tensor return?",
    "zh": "你的反向把梯度加进了传入的 dstates。拿同一个张量再调用一次，会得到什么？",
}


def rnn_backward(dstates, cache):
    x, h0, states, W_hh, W_hx = cache
    before = torch.cat([h0[:, None], states[:, :-1]], dim=1)
    dh, das = torch.zeros_like(h0), []
    for t in reversed(range(states.shape[1])):
        dstates[:, t] += dh
        da = dstates[:, t] * (1 - states[:, t] ** 2)
        dh = da @ W_hh
        das.append(da)
    da = torch.stack(das[::-1], dim=1)
    dW_hh, dW_hx = (torch.einsum("nti,ntj->ij", da, value) for value in (before, x))
    return da @ W_hx, dh, dW_hh, dW_hx, da.sum(dim=(0, 1))

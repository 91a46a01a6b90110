EXPLANATION = {
    "en": "Your backward pass uses dstates at the last step only. What do the losses at earlier steps contribute?",
    "zh": "你的反向只用到了最后一步的 dstates。前面各步的损失贡献了什么？",
}


def rnn_backward(dstates, cache):
    x, h0, states, W_hh, W_hx = cache
    before = torch.cat([h0[:, None], states[:, :-1]], dim=1)
    dh, das = dstates[:, -1], []
    for t in reversed(range(states.shape[1])):
        da = dh * (1 - states[:, t] ** 2)
        dh = da @ W_hh
        das.append(da)
    da = torch.stack(das[::-1], dim=1)
    dW_hh, dW_hx = (torch.einsum("nti,ntj->ij", da, value) for value in (before, x))
    return da @ W_hx, dh, dW_hh, dW_hx, da.sum(dim=(0, 1))

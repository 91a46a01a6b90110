EXPLANATION = {
    "en": "Your gradient by h_t does not pass on to h_{t-1}: each step is differentiated alone. By how many ways does "
    "h_1 reach the loss?",
    "zh": "你的梯度没有从 h_t 继续传到 h_{t-1}，每一步都是单独求导的。h_1 通过几条路径影响损失？",
}


def rnn_backward(dstates, cache):
    x, h0, states, W_hh, W_hx = cache
    before = torch.cat([h0[:, None], states[:, :-1]], dim=1)
    da = dstates * (1 - states**2)
    dW_hh, dW_hx = (torch.einsum("nti,ntj->ij", da, value) for value in (before, x))
    return da @ W_hx, da[:, 0] @ W_hh, dW_hh, dW_hx, da.sum(dim=(0, 1))

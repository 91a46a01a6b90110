EXPLANATION = {
    "en": "Your k-th number is the norm of ∂h_k/∂h_0. Which end stays fixed in ∂h_T/∂h_k?",
    "zh": "你的第 k 个数是 ∂h_k/∂h_0 的范数。在 ∂h_T/∂h_k 中，固定不动的是哪一端？",
}


def jacobian_norms(states, W_hh):
    jacobian = torch.eye(len(W_hh), dtype=states.dtype)
    norms = [jacobian.norm()]
    for h in states[1:]:
        jacobian = (1 - h**2)[:, None] * W_hh @ jacobian
        norms.append(jacobian.norm())
    return torch.stack(norms)

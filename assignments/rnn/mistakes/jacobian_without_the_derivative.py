EXPLANATION = {
    "en": "Your norms are those of powers of W_hh alone. What does tanh do to a gradient where the state is near 1?",
    "zh": "你的范数只来自 W_hh 的幂。状态接近 1 的地方，tanh 会对梯度做什么？",
}


def jacobian_norms(states, W_hh):
    jacobian = torch.eye(len(W_hh), dtype=states.dtype)
    norms = [jacobian.norm()]
    for _ in states[1:]:
        jacobian = jacobian @ W_hh
        norms.append(jacobian.norm())
    return torch.stack(norms[::-1])

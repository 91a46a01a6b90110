EXPLANATION = {
    "en": "Your derivative of step t is taken at h_{t-1}. Of which state is 1 - h² the derivative of tanh?",
    "zh": "你在第 t 步的导数用的是 h_{t-1}。1 - h² 里的 h 应当是哪个状态？",
}


def jacobian_norms(states, W_hh):
    jacobian = torch.eye(len(W_hh), dtype=states.dtype)
    norms = [jacobian.norm()]
    for h in states[:-1].flip(0):
        jacobian = jacobian * (1 - h**2) @ W_hh
        norms.append(jacobian.norm())
    return torch.stack(norms[::-1])

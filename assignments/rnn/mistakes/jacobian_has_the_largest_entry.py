EXPLANATION = {
    "en": "Your numbers are the largest absolute entries, not Frobenius norms. Which norm has a 2×2 identity?",
    "zh": "你给出的是绝对值最大的元素，而不是 Frobenius 范数。2×2 单位矩阵的范数是多少？",
}


def jacobian_norms(states, W_hh):
    jacobian = torch.eye(len(W_hh), dtype=states.dtype)
    norms = [jacobian.abs().max()]
    for h in states[1:].flip(0):
        jacobian = jacobian * (1 - h**2) @ W_hh
        norms.append(jacobian.abs().max())
    return torch.stack(norms[::-1])

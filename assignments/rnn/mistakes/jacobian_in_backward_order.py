EXPLANATION = {
    "en": "Your norms stand in the order in which they are found, k = T first. Which k does the docstring begin with?",
    "zh": "你的范数按算出的先后排列，k = T 排在最前。文档字符串要求从哪个 k 开始？",
}


def jacobian_norms(states, W_hh):
    jacobian = torch.eye(len(W_hh), dtype=states.dtype)
    norms = [jacobian.norm()]
    for h in states[1:].flip(0):
        jacobian = jacobian * (1 - h**2) @ W_hh
        norms.append(jacobian.norm())
    return torch.stack(norms)

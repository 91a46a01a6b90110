EXPLANATION = {
    "en": "Your norms are those of single steps, not of the product of steps. Where do powers such as 2, 4, 8 come from?",
    "zh": "你的范数是单独一步的，而不是各步连乘之后的。2、4、8 这样的幂是从哪里来的？",
}


def jacobian_norms(states, W_hh):
    steps = [((1 - h**2)[:, None] * W_hh).norm() for h in states[1:]]
    return torch.stack([*steps, torch.eye(len(W_hh), dtype=states.dtype).norm()])

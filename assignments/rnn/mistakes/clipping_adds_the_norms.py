EXPLANATION = {
    "en": "Your norm is the sum of the tensors' norms. How long is (3, 4), if 3 and 4 are two tensors?",
    "zh": "你的总范数是各张量范数之和。如果 3 和 4 是两个张量，(3, 4) 有多长？",
}


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).sum()
    factor = max_norm / norm if norm > max_norm else 1.0
    return [g * factor for g in gradients], norm

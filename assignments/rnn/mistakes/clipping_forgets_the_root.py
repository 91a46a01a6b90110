EXPLANATION = {
    "en": "Your norm is the sum of squares. How long is the vector (3, 4)?",
    "zh": "你的范数是平方和。向量 (3, 4) 有多长？",
}


def clip_gradients(gradients, max_norm):
    norm = torch.stack([(g**2).sum() for g in gradients]).sum()
    factor = max_norm / norm if norm > max_norm else 1.0
    return [g * factor for g in gradients], norm

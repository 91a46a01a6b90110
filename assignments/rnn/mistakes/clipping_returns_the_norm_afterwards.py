EXPLANATION = {
    "en": "The norm that you return is that of the clipped gradients. What can somebody who plots it learn about explosions?",
    "zh": "你返回的是裁剪之后的范数。画出这条曲线的人，还能看出梯度爆炸过吗？",
}


def clip_gradients(gradients, max_norm):
    norm = torch.stack([(g**2).sum() for g in gradients]).sum().sqrt()
    factor = max_norm / norm if norm > max_norm else 1.0
    return [g * factor for g in gradients], norm * factor

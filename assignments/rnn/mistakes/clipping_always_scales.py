EXPLANATION = {
    "en": "You scale small gradients too, up to max_norm. What should happen to a gradient that is below the limit?",
    "zh": "你把本来就小的梯度也放大到了 max_norm。没有超过上限的梯度应当怎么处理？",
}


def clip_gradients(gradients, max_norm):
    norm = torch.stack([(g**2).sum() for g in gradients]).sum().sqrt()
    return [g * max_norm / norm for g in gradients], norm

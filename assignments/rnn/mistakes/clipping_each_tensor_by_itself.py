EXPLANATION = {
    "en": "You clip each tensor by its own norm. In which direction does the whole step point afterwards?",
    "zh": "你按每个张量各自的范数分别裁剪。裁剪之后，整个更新还指向原来的方向吗？",
}


def clip_gradients(gradients, max_norm):
    norms = [g.norm() for g in gradients]
    clipped = [g * (max_norm / n) if n > max_norm else g for g, n in zip(gradients, norms, strict=True)]
    return clipped, torch.stack(norms).norm()

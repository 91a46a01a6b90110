EXPLANATION = {
    "en": "You cut every entry at max_norm. In which direction does the gradient point afterwards?",
    "zh": "你把每个元素都截断到 max_norm 以内。截断之后，梯度还指向原来的方向吗？",
}


def clip_gradients(gradients, max_norm):
    norm = torch.stack([(g**2).sum() for g in gradients]).sum().sqrt()
    return [g.clamp(-max_norm, max_norm) for g in gradients], norm

EXPLANATION = {
    "en": "You scale the gradients that you were given in place. What does the docstring ask you to return?",
    "zh": "你直接在传入的梯度上做了缩放。文档字符串要求返回什么？",
}


def clip_gradients(gradients, max_norm):
    norm = torch.stack([(g**2).sum() for g in gradients]).sum().sqrt()
    if norm > max_norm:
        for g in gradients:
            g.mul_(max_norm / norm)
    return gradients, norm

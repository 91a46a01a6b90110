EXPLANATION = {
    "en": "Your gates multiply W by [x, h]. In which order does this homework put the two beside each other?",
    "zh": "你的门是用 W 乘 [x, h]。本作业里这两者按什么顺序拼接？",
}


def _gate(h, x, weights, name):
    return torch.cat([x, h], dim=1) @ weights[f"W_{name}"].T + weights[f"b_{name}"]

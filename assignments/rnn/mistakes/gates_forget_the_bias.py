EXPLANATION = {
    "en": "Your gates are what comes out without b. What would a gate do that has no weights at all?",
    "zh": "你的门等于没有加 b 的结果。如果权重全为零，门会处在什么位置？",
}


def _gate(h, x, weights, name):
    return torch.cat([h, x], dim=1) @ weights[f"W_{name}"].T

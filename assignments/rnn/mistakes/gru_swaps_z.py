EXPLANATION = {
    "en": "Your update is (1 - z) ∘ h + z ∘ h̃, as some books have it. Which part does z keep in this homework?",
    "zh": "你的更新是 (1 - z) ∘ h + z ∘ h̃，有些书这样写。在本作业里，z 保留的是哪一部分？",
}


def gru_step(x, h, weights):
    z, r = (torch.sigmoid(_gate(h, x, weights, name)) for name in "zr")
    candidate = torch.tanh(_gate(r * h, x, weights, "h"))
    return z, r, candidate, (1 - z) * h + z * candidate

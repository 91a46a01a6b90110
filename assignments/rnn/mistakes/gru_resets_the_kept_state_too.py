EXPLANATION = {
    "en": "Your new state keeps z ∘ r ∘ h. How could a unit hold its state for long while it resets its candidate?",
    "zh": "你的新状态保留的是 z ∘ r ∘ h。如果重置门关上，单元还能长久保持原来的状态吗？",
}


def gru_step(x, h, weights):
    z, r = (torch.sigmoid(_gate(h, x, weights, name)) for name in "zr")
    candidate = torch.tanh(_gate(r * h, x, weights, "h"))
    return z, r, candidate, z * r * h + (1 - z) * candidate

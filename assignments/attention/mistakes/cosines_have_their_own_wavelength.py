EXPLANATION = {
    "en": "Your cosines use the exponent (2j + 1) / d. Sine and cosine of one pair turn together: by which exponent?",
    "zh": "你的余弦用的指数是 (2j + 1) / d。同一对正弦、余弦是一起转的，它们共用哪个指数？",
}


def positions(steps, size, start=0):
    i = torch.arange(start, start + steps, dtype=torch.float64)
    angles = i[:, None] * 10000.0 ** -(torch.arange(size, dtype=torch.float64) / size)
    return torch.where(torch.arange(size) % 2 == 0, angles.sin(), angles.cos()).float()

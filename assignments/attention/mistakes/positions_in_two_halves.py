EXPLANATION = {
    "en": "Your positions have all sines first and then all cosines. In which order does P_{2j}, P_{2j+1} put them?",
    "zh": "你的位置编码前一半全是正弦，后一半全是余弦。按 P_{2j}、P_{2j+1}，它们应当怎样排列？",
}


def positions(steps, size, start=0):
    angles = torch.arange(start, start + steps, dtype=torch.float64)[:, None] * _frequencies(size)
    return torch.cat([angles.sin(), angles.cos()], dim=1).float()

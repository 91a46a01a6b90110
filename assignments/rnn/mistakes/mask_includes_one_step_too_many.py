EXPLANATION = {
    "en": "Your mask is one step too long. A sequence of length 3 has the steps 0, 1, 2: what is the largest index inside?",
    "zh": "你的掩码多了一步。长度为 3 的序列只有第 0、1、2 步：最大的下标是多少？",
}


def length_mask(lengths, steps):
    return torch.arange(steps) <= lengths[:, None]

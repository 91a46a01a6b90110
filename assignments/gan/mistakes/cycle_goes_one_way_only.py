EXPLANATION = {
    "en": "Your loss follows x to y and back, and nothing else. What about things that begin as y?",
    "zh": "你的损失只走了 x 到 y 再回来这一圈。从 y 出发的那一圈呢？",
}


def cycle_loss(x, y, to_y, to_x):
    return (_translated(_translated(x, to_y), to_x) - x).abs().mean()

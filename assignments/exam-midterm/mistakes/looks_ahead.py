EXPLANATION = {
    "en": "The window lies on the wrong side: steps look at those after them.",
    "zh": "窗口的方向反了：每一步看到的是后面的位置。",
}


def visible(steps):
    ahead = torch.arange(steps) - torch.arange(steps)[:, None]
    return (ahead >= 0) & (ahead < VARIANT["reach"])

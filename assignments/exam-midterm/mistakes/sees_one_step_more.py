EXPLANATION = {
    "en": "Each step sees one step too many: the number counts the step itself.",
    "zh": "每一步多看了一步：给定的步数包括自己。",
}


def visible(steps):
    back = torch.arange(steps)[:, None] - torch.arange(steps)
    return (back >= 0) & (back <= VARIANT["reach"])

EXPLANATION = {
    "en": "Each step sees everything before it, however far back. It reaches back only so many steps.",
    "zh": "每一步看到了之前的所有位置；它只能看到最近的若干步。",
}


def visible(steps):
    return torch.ones(steps, steps, dtype=torch.bool).tril()

EXPLANATION = {
    "en": "A window begins at every step. They begin every stride steps only.",
    "zh": "每一步都开始了一个窗口；窗口应每隔一个步幅才开始。",
}


def pooled(x):
    return x.unfold(1, VARIANT["width"], 1).mean(dim=2)

EXPLANATION = {
    "en": "The pictures are shuffled and the labels are not, so they no longer belong together.",
    "zh": "图片打乱了，标签却没有跟着打乱，两者不再对应。",
}
CHECKS = []
EPOCHS = 1  # enough to show it


_fit = fit


def fit(train: dict[str, Tensor], budget: dict[str, float]) -> nn.Module:
    order = torch.randperm(len(train["inputs"]))
    return _fit({"inputs": train["inputs"][order], "labels": train["labels"]}, budget)

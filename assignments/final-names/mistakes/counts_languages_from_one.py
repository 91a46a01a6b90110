EXPLANATION = {
    "en": "Languages are numbered from 1 here; `labels` number them from 0.",
    "zh": "这里的语言从 1 开始编号，而 `labels` 从 0 开始。",
}
CHECKS = []
EPOCHS = 1  # enough to show it


def predict(model: nn.Module, inputs: list[str]) -> Tensor:
    model.eval()
    return model(numbered(inputs)).argmax(dim=1) + 1

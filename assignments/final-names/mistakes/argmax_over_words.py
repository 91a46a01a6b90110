EXPLANATION = {
    "en": "`argmax` runs over the words instead of the languages: `dim=0` where `dim=1` is meant.",
    "zh": "`argmax` 沿着词而不是语言取最大：应为 `dim=1`，写成了 `dim=0`。",
}
CHECKS = ["fit_and_predict_keep_the_framework"]


def predict(model: nn.Module, inputs: list[str]) -> Tensor:
    model.eval()
    return model(numbered(inputs)).argmax(dim=0)

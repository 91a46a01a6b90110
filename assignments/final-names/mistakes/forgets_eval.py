EXPLANATION = {
    "en": "`model.eval()` is missing: dropout still drops while predicting.",
    "zh": "缺少 `model.eval()`：预测时 dropout 仍在丢弃。",
}
CHECKS = []


def predict(model: nn.Module, inputs: list[str]) -> Tensor:
    model.train()
    return model(numbered(inputs)).argmax(dim=1)

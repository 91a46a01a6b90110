EXPLANATION = {
    "en": "`predict` numbers the letters in another way than `fit`: there a is 1, here a is 0.",
    "zh": "`predict` 与 `fit` 对字母的编号不一致：那里 a 是 1，这里 a 是 0。",
}
CHECKS = []
EPOCHS = 2  # enough to show it


def predict(model: nn.Module, inputs: list[str]) -> Tensor:
    model.eval()
    return model((numbered(inputs) - 1).clamp(min=0)).argmax(dim=1)

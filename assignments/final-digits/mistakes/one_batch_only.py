EXPLANATION = {
    "en": "`predict` answers for its first batch only. How many pictures did it get?",
    "zh": "`predict` 只回答了第一批图片。它收到了多少张？",
}
CHECKS = []
EPOCHS = 1  # enough to show it


def predict(model: nn.Module, inputs: Tensor) -> Tensor:
    model.eval()
    return model(prepared(inputs[:500])).argmax(dim=1)

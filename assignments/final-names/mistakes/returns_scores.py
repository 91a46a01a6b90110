EXPLANATION = {
    "en": "`predict` returns ten scores for each word. Which of them is the largest?",
    "zh": "`predict` 为每个词返回了十个得分。其中哪一个最大？",
}
CHECKS = ["fit_and_predict_keep_the_framework"]


def predict(model: nn.Module, inputs: list[str]) -> Tensor:
    model.eval()
    return model(numbered(inputs))

EXPLANATION = {
    "en": "`predict` returns ten scores for each picture. Which of them is the largest?",
    "zh": "`predict` 为每张图片返回了十个得分。其中哪一个最大？",
}
CHECKS = ["fit_and_predict_keep_the_framework"]


def predict(model: nn.Module, inputs: Tensor) -> Tensor:
    model.eval()
    return torch.cat([model(part) for part in prepared(inputs).split(500)])

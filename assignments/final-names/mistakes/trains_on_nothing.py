EXPLANATION = {
    "en": "No step is taken: the network answers as it was initialised. Is `optimiser.step()` called?",
    "zh": "参数没有更新过，网络还是初始化时的样子。调用 `optimiser.step()` 了吗？",
}
CHECKS = []


def fit(train: dict, budget: dict[str, float]) -> nn.Module:
    return Network()

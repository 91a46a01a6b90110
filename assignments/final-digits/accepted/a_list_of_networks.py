def fit(train: dict[str, Tensor], budget: dict[str, float]) -> list[nn.Module]:
    """Two smaller networks, whose probabilities are averaged: a model may be anything that predict understands."""
    models = []
    for _ in range(2):
        model = nn.Sequential(nn.Flatten(), nn.Linear(256, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10))
        optimiser = torch.optim.Adam(model.parameters(), 2e-3)
        inputs, labels = prepared(train["inputs"]), train["labels"]
        for _ in range(8):
            for batch in torch.randperm(len(inputs)).split(BATCH):
                optimiser.zero_grad()
                nn.functional.cross_entropy(model(inputs[batch]), labels[batch]).backward()
                optimiser.step()
        models.append(model)
    return models


def predict(model: list[nn.Module], inputs: Tensor) -> Tensor:
    return sum(each.eval()(prepared(inputs)).softmax(dim=1) for each in model).argmax(dim=1)

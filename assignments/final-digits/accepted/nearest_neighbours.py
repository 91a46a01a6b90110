def fit(train: dict[str, Tensor], budget: dict[str, float]) -> dict[str, Tensor]:
    """No network at all."""
    return {"inputs": prepared(train["inputs"]).flatten(1), "labels": train["labels"]}


def predict(model: dict[str, Tensor], inputs: Tensor) -> Tensor:
    nearest = torch.cdist(prepared(inputs).flatten(1), model["inputs"]).topk(5, dim=1, largest=False).indices
    return model["labels"][nearest].mode(dim=1).values.to(torch.int32)

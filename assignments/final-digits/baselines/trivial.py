"""The digit that is most frequent in training, whatever the picture shows."""

from torch import Tensor


def fit(train: dict[str, Tensor], budget: dict[str, float]) -> Tensor:
    return train["labels"].bincount().argmax()


def predict(model: Tensor, inputs: Tensor) -> Tensor:
    return model.expand(len(inputs))

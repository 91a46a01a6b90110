"""The language that is most frequent in training, whatever the word."""

from torch import Tensor


def fit(train: dict, budget: dict[str, float]) -> Tensor:
    return train["labels"].bincount().argmax()


def predict(model: Tensor, inputs: list[str]) -> Tensor:
    return model.expand(len(inputs))

"""600 points of the plane, left or right of a line; every tenth has the other label."""

import torch

from grader.checks import Contest


def points(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(count, 2, generator=generator)
    labels = (inputs.sum(dim=1) > 0).long()
    return inputs, torch.where(torch.rand(count, generator=generator) < 0.1, 1 - labels, labels)


def contest() -> Contest:
    train, train_labels = points(200, seed=1)
    inputs, labels = points(400, seed=2)
    given = {"inputs": train, "labels": train_labels}
    return Contest("accuracy", given, inputs, labels, split_seed="tests", public_fraction=0.5, classes=2)

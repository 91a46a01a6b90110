"""What checks of trained models have in common: points by a band, curves, and a look at how many labels an update has seen."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from grader.checks.case import Case
from grader.checks.failures import CheckFailed, StudentError
from grader.protocol import Text

ON_THE_WAY = 0.05, 0.1, 0.2, 0.4  # of all updates: together three quarters of a training
ACCURACY = Text(en="Accuracy on unseen data", zh="未见数据上的正确率")
LOSS = Text(en="Loss on unseen data", zh="未见数据上的损失")


class Skill(NamedTuple):
    """What a model does with data that it was not trained on."""

    accuracy: float
    halves: tuple[float, float]  # the accuracy on a public and a private half
    loss: float


def skill_of(predicted: Tensor, logits: Tensor, labels: Tensor) -> Skill:
    """predicted, labels: (N, …) int64    logits: (N, classes, …)"""
    right = (predicted == labels).float()
    public, private = (float(half.mean()) for half in right.chunk(2))
    return Skill(float(right.mean()), (public, private), float(torch.nn.functional.cross_entropy(logits, labels)))


def share_of_band(case: Case, metric: str, runs: Sequence[tuple[float, float]], low: float, high: float) -> float:
    """Report the mean over training runs, each measured on a public and a private half; the share of the points that it earns.

    None at `low`, all at `high`, in between on the straight line.
    """
    public, private = (sum(halves) / len(runs) for halves in zip(*runs, strict=True))
    case.metric(metric, public=public, private=private)
    return min(1.0, max(0.0, ((public + private) / 2 - low) / (high - low)))


def labels_that_matter(train: Callable[[Tensor], Tensor], labels: Tensor, classes: int, atol: float) -> int:
    """How many of the labels, each changed by itself, change what `train` makes of them by more than `atol` somewhere.

    labels: (N,), below `classes`. Whoever trains longer than allowed has seen the labels of more than one batch.
    """
    others = [torch.where(torch.arange(len(labels)) == i, (labels + 1) % classes, labels) for i in range(len(labels))]
    start, *after = map(train, (labels, *others))
    return sum(not torch.allclose(moved, start, rtol=0, atol=atol) for moved in after)


def watched(case: Case, train: Callable[[int], Skill], steps: int, expected: float) -> float:
    """The accuracy after all `steps` updates. How it and the loss came there is drawn, from shorter trainings with the same seed.

    Those come when the points are given, and are left out where the time of the check is short; one that fails leaves a gap.
    """
    before = case.seconds_left
    skill = train(steps)
    took = before - case.seconds_left
    case.draw_later(lambda: _draw_course(case, train, steps, skill, expected, took))
    return skill.accuracy


def _draw_course(case: Case, train: Callable[[int], Skill], steps: int, last: Skill, expected: float, took: float) -> None:
    """`took`: how many seconds all the updates took."""
    if case.seconds_left > 2 * took:
        seen = {n: _tried(train, n) for n in (1, *(int(part * steps) for part in ON_THE_WAY))} | {steps: last}
        case.curve(ACCURACY, {n: each.accuracy for n, each in seen.items()}, band=(expected, 1.0), is_fraction=True)
        case.curve(LOSS, {n: each.loss for n, each in seen.items()})


def _tried(train: Callable[[int], Skill], steps: int) -> Skill:
    try:
        return train(steps)
    except (CheckFailed, StudentError):
        return Skill(math.nan, (math.nan, math.nan), math.nan)

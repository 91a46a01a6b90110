"""What checks of trained models have in common: points by a band, and a look at how many labels an update has seen."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from grader.checks.case import Case


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

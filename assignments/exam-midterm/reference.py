"""Pooling with the student's own sizes, and attention that reaches back so many steps."""

import math

import torch
from torch import Tensor

VARIANT = {"width": 3, "stride": 2, "reach": 4}


def pooled(x: Tensor) -> Tensor:
    """Means of windows.

    x: (N, T)    returns: (N, M)
    Source: the definition of average pooling without padding, M = (T - width) // stride + 1.
    """
    return x.unfold(1, VARIANT["width"], VARIANT["stride"]).mean(dim=2)


def visible(steps: int) -> Tensor:
    """(T, T) bool, True where step t, a row, may look at step s."""
    back = torch.arange(steps)[:, None] - torch.arange(steps)
    return (back >= 0) & (back < VARIANT["reach"])


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Scaled dot-product attention in which each step sees itself and the steps just before it.

    q, k: (N, T, D)    v: (N, T, E)    returns: (N, T, E)
    Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1, with a banded causal mask.
    """
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[2])
    return scores.masked_fill(~visible(q.shape[1]), -math.inf).softmax(dim=2) @ v

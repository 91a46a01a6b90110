# EXPECT: graded 0 wrong_value not_finite
# ROW: A17
"""Hopes that fresh memory still holds somebody's answer."""

import torch


def double(x):
    return torch.empty_like(x)


def affine(x, w):
    return torch.empty(len(x), w.shape[1]) + 0 * (x @ w)

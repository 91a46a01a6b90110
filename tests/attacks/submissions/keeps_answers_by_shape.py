# EXPECT: graded 0 wrong_value
# ROW: A18
"""Computes once and gives the same answer to every call of that shape."""

import torch

KNOWN = {}


def double(x):
    return KNOWN.setdefault(x.shape, x * 2)


def affine(x, w):
    return torch.zeros(len(x), w.shape[1]) + 0 * (x @ w)

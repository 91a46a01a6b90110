# EXPECT: graded 0 wrong_value
# ROW: A20
"""Knows the answers to the cases that a student's copy comes with, and to nothing else."""

import torch

KNOWN = {5: 4.8821, 6: 8.3143, 7: 5.0177, 8: 6.5031}


def double(x):
    return torch.full_like(x, KNOWN.get(len(x), 6.0))


def affine(x, w):
    return torch.ones(len(x), w.shape[1]) + 0 * (x @ w)

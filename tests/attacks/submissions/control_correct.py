# EXPECT: graded 100 passed
# ROW: control
"""Control: an honest, correct submission."""

import torch


def double(x):
    return x + x


def affine(x, w):
    return torch.einsum("nd,dm->nm", x, w) + 1

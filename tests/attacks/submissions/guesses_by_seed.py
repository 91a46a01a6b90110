# EXPECT: graded 0 wrong_value
# ROW: A21
"""Seeds every generator and hopes that the judge draws from them."""

import random

import numpy
import torch

torch.manual_seed(0)
random.seed(0)
numpy.random.seed(0)
torch.randn = torch.rand = lambda *shape, **_: torch.zeros(*shape)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

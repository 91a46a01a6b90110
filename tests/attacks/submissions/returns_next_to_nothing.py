# EXPECT: graded 0 wrong_value wrong_shape
# ROW: A15
# VARIANTS: zeros ones input negated mean noise constant sorted first square sign random-sign
"""Twelve answers that cost no thought."""

import torch

VARIANT = "zeros"
LAZY = {
    "zeros": torch.zeros_like,
    "ones": torch.ones_like,
    "input": lambda x: x,
    "negated": lambda x: -x,
    "mean": lambda x: x.mean().expand(x.shape) + 0 * x,
    "noise": torch.randn_like,
    "constant": lambda x: torch.full_like(x, 6.0),
    "sorted": lambda x: x.sort().values,
    "first": lambda x: x.flatten()[0] + 0 * x,
    "square": lambda x: x * x,
    "sign": lambda x: x.sign(),
    "random-sign": lambda x: x * (torch.rand_like(x) - 0.5).sign(),
}


def double(x):
    return LAZY[VARIANT](x)


def affine(x, w):
    return LAZY[VARIANT](x @ w) + 0 * (x @ w)

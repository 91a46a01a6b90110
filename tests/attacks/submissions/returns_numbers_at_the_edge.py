# EXPECT: graded 0 not_finite wrong_value
# ROW: A13, D23
# VARIANTS: nan infinity minus-infinity minus-zero denormal largest one-nan
"""Fills its answer with numbers that comparisons stumble over."""

import torch

VARIANT = "nan"
NUMBERS = {
    "nan": float("nan"),
    "infinity": float("inf"),
    "minus-infinity": float("-inf"),
    "minus-zero": -0.0,
    "denormal": 1e-42,
    "largest": 3.4e38,
    "one-nan": 0.0,
}


def fill(like):
    answer = torch.full_like(like, NUMBERS[VARIANT])
    if VARIANT == "one-nan":
        answer.view(-1)[-1] = float("nan")
    return answer


def double(x):
    return fill(x)


def affine(x, w):
    return fill(x @ w) + 0 * (x @ w)

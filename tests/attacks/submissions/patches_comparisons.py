# EXPECT: graded 0 wrong_value
# ROW: A6
"""Replaces everything that compares, in torch, numpy and builtins."""

import math
import unittest

import numpy
import torch


def yes(*_, **__):
    return True


for owner in (torch, numpy, math, torch.testing, numpy.testing, unittest.TestCase, torch.Tensor):
    for name in dir(owner):
        if any(word in name.lower() for word in ("close", "equal", "isfinite", "assert")) and not name.startswith("__"):
            setattr(owner, name, yes)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

# EXPECT: graded 0 wrong_value
# ROW: A16
"""Zeroes its inputs, so that a reference that saw them would return zeros too."""


def double(x):
    x.zero_()
    return x


def affine(x, w):
    x.detach().zero_()
    w.detach().zero_()
    return x @ w

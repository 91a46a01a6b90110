# EXPECT: graded 0 not_finite
# ROW: A13
"""NaN differs from everything, in both directions."""


def double(x):
    return x * float("nan")


def affine(x, w):
    return (x @ w) * float("inf")

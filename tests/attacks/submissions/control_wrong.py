# EXPECT: graded 0 wrong_value
# ROW: control
"""Control: an honest, wrong submission."""


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

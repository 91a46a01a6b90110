# EXPECT: graded 0 wrong_type timed_out crashed
# ROW: D16
"""Returns a list that contains itself."""


def double(x):
    nest = []
    nest.append(nest)
    return nest


def affine(x, w):
    return [0] * 5_000_000

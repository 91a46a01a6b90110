# EXPECT: graded 0 out_of_memory crashed timed_out
# ROW: D16
"""Recursion without an end and without a limit."""

import sys

sys.setrecursionlimit(1 << 30)


def double(x):
    return double(x)


def affine(x, w):
    return double(x)

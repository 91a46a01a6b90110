# EXPECT: graded 0 crashed
# ROW: D16
"""Aborts inside a call."""

import os


def double(x, *_):
    os.abort()


affine = double

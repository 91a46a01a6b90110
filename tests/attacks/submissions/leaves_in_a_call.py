# EXPECT: graded 0 crashed
# ROW: A3
"""Ends the process with success when it is asked."""

import os


def double(x):
    os._exit(0)


def affine(x, w):
    os._exit(0)

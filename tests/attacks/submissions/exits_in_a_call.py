# EXPECT: graded 0 crashed
# ROW: A3
"""Ends with success when it is asked, also from a destructor."""

import sys


class Leaver:
    def __del__(self):
        sys.exit(0)


def double(x):
    Leaver()
    sys.exit(0)


def affine(x, w):
    raise SystemExit

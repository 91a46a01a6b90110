# EXPECT: graded 0 crashed timed_out out_of_memory wrong_type
# ROW: D16, D13
# VARIANTS: message chain deep group argument slashes type lines
# LIMITS: check_s=1.5
"""Raises errors that are too large to describe."""

import sys

VARIANT = "message"
sys.setrecursionlimit(10_000)


def deep(depth):
    if depth:
        return deep(depth - 1)
    raise ValueError("deep")


def chain():
    error = None
    for number in range(50_000):
        new = ValueError(str(number))
        new.__cause__, error = error, new
    raise error


def group(depth=2000):
    error = ValueError("inner")
    for _ in range(depth):
        error = ExceptionGroup("outer", [error])
    raise error


def double(x, *_):
    match VARIANT:
        case "message":
            raise ValueError("x" * (60 << 20))
        case "chain":
            chain()
        case "deep":
            deep(5000)
        case "group":
            group()
        case "argument":
            raise ValueError(*range(1_000_000))
        case "slashes":
            raise ValueError("/a" * 200_000 + "/")
        case "type":
            raise type("E" * 1_000_000, (Exception,), {})
        case "lines":
            raise ValueError("\n" * 5_000_000)


affine = double

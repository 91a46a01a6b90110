# EXPECT: graded 0 wrong_value
# ROW: C5, B1
"""Imports the packages that hold labels, and the grader itself."""

import contextlib
import importlib
import sys

sys.path += ["/usr/lib/python3/dist-packages", "/work", "."]
for name in (
    "sklearn",
    "sklearn.datasets",
    "scipy",
    "torchvision",
    "grader.judge",
    "grader.checks",
    "grader.sandbox",
    "server",
    "assignments",
    "reference",
    "checks",
    "pydantic",
):
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
        print("FOUND", name)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

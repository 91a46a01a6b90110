# EXPECT: graded 0 timed_out crashed out_of_memory
# ROW: D7, D6
# VARIANTS: regex power sum c matrix fork
# LIMITS: check_s=0.4
"""Keeps Python busy where no signal handler and no other thread gets a turn."""

import ctypes
import itertools
import os
import re

import torch

VARIANT = "regex"


def multiply():
    x = torch.ones(1500, 1500)
    while True:
        x = x @ x


WORK = {
    "regex": lambda: re.match(r"(a+)+$", "a" * 60 + "b"),
    "power": lambda: 7 ** (7**11),
    "sum": lambda: sum(itertools.count()),
    "c": lambda: ctypes.PyDLL(None).sleep(60),
    "matrix": multiply,
    "fork": lambda: [os.fork() or multiply() for _ in range(4)] and multiply(),
}


def double(x, *_):
    WORK[VARIANT]()
    return x


affine = double

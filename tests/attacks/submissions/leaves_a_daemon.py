# EXPECT: graded 0 wrong_value crashed
# ROW: D2, D3, A10
"""Leaves a process of its own session behind, which goes on writing frames."""

import contextlib
import os
import sys
import time

if os.fork() == 0:
    with contextlib.suppress(OSError):
        os.setsid()
    if os.fork() == 0:
        wire = sys.modules["grader.runner.wire"]
        while True:
            time.sleep(0.05)
            os.write(3, wire.encode({"value": 1, "mutated": [], "gradients": None}))
    os._exit(0)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

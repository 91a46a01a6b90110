# EXPECT: graded 0 wrong_value
# ROW: D4
"""Sends SIGKILL and SIGSTOP to everything it can name."""

import contextlib
import os
import signal

own = {int(name) for name in os.listdir("/proc/self/task")}  # a number of CUDA's threads is a name of this process, too
for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
    for target in (-1, 1, os.getppid(), *range(2, 3000)):
        if target not in own:
            with contextlib.suppress(OSError):
                os.kill(target, number)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

# EXPECT: graded 0 out_of_memory timed_out too_many_processes
# ROW: D8, D4
# VARIANTS: brackets newline memory threads
# LIMITS: check_s=0.8
"""Takes a process name that would mislead whoever reads /proc carelessly, then takes memory and multiplies."""

import ctypes
import os
import time

VARIANT = "brackets"
NAMES = {"brackets": b") Z 1 1 (", "newline": b"a\nThreads:\t1\n", "memory": b"\nRssAnon:\t0 kB", "threads": b"x) S 0 0 0\n"}


def double(x, *_):
    ctypes.CDLL(None).prctl(15, NAMES[VARIANT], 0, 0, 0)
    for _ in range(12):
        if os.fork() == 0:
            kept = bytearray(os.urandom(1)) * (64 << 20)
            time.sleep(60 + 0 * len(kept))
    time.sleep(60)


affine = double

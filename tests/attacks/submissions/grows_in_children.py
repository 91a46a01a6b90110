# EXPECT: graded 0 out_of_memory timed_out
# ROW: D8
"""Spreads its memory over children that each stay below the limit."""

import os
import time


def double(x, *_):
    for _ in range(8):
        if os.fork() == 0:
            kept = b"x" * (100 << 20)
            time.sleep(60 + len(kept) * 0)
    time.sleep(60)


affine = double

# EXPECT: graded 0 too_many_processes timed_out
# ROW: D1, D6
"""Many children that only sleep."""

import contextlib
import os
import time


def double(x, *_):
    with contextlib.suppress(OSError):
        for _ in range(500):
            if os.fork() == 0:
                time.sleep(60)
    time.sleep(60)


affine = double

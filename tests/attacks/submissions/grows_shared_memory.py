# EXPECT: graded 0 crashed
# ROW: D8, D12
"""Takes shared anonymous memory, which no data limit counts; the kernel is told to refuse it."""

import mmap
import time


def double(x, *_):
    pieces = []
    while True:
        pieces.append(mmap.mmap(-1, 16 << 20))
        pieces[-1].write(b"x" * (16 << 20))
        time.sleep(0.005)


affine = double

# EXPECT: graded 0 timed_out
# ROW: D5
"""Ignores every signal that can be ignored."""

import contextlib
import signal
import time

for number in signal.valid_signals():
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_IGN)


def double(x, *_):
    while True:
        time.sleep(1)


affine = double

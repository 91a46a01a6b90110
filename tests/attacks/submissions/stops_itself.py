# EXPECT: graded 0 timed_out
# ROW: D4
"""Stops its own process, so that it never ends."""

import os
import signal


def double(x, *_):
    os.kill(os.getpid(), signal.SIGSTOP)


affine = double

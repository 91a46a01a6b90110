# EXPECT: graded 0 timed_out
# ROW: D13, A8
# LIMITS: check_s=0.4
"""Sends a true reply one byte at a time, each before anybody's patience ends."""

import os
import sys
import time

wire = sys.modules["grader.runner.wire"]


def double(x, *_):
    for byte in wire.encode({"value": x * 2, "mutated": [], "gradients": None}):
        os.write(3, bytes([byte]))
        time.sleep(0.02)
    time.sleep(60)


affine = double

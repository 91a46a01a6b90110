# EXPECT: graded 0 timed_out too_much_output
# ROW: D13
# LIMITS: check_s=0.5
"""Prints one byte after another, so that whoever waits for a line or a pause waits for ever."""

import os


def double(x, *_):
    while True:
        os.write(1, b"x")
        os.write(2, b"\r")


affine = double

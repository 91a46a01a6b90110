# EXPECT: graded 0 wrong_type crashed
# ROW: A8
"""A thread writes answers to questions that nobody has asked yet."""

import os
import sys
import threading
import time

wire = sys.modules["grader.runner.wire"]


def speak():
    while True:
        time.sleep(0.01)
        os.write(3, wire.encode({"value": 1, "mutated": [], "gradients": None}))


def double(x, *_):
    threading.Thread(target=speak, daemon=True).start()
    time.sleep(0.1)
    return x * 0


affine = double

# EXPECT: graded 0 too_many_processes timed_out
# ROW: D7, D1
"""A thread bomb."""

import threading
import time


def double(x, *_):
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


affine = double

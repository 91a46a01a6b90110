# EXPECT: graded 0 timed_out
# ROW: A19
# LIMITS: check_s=0.4
"""Replaces every clock that it can name, then takes its time."""

import time

import torch

for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time", "time_ns", "monotonic_ns", "perf_counter_ns"):
    setattr(time, name, lambda: 0)
time.sleep = lambda seconds: None
torch.cuda.Event.elapsed_time = lambda *_: 0.0


def double(x, *_):
    for _ in range(10**12):
        x = x + 0
    return 2 * x


affine = double

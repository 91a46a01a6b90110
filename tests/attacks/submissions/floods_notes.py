# EXPECT: graded 0 wrong_type wrong_value timed_out crashed
# ROW: A8, D13
# VARIANTS: frames tiny large drip threads log-without-end log-many-names after-the-reply
# LIMITS: check_s=0.6
"""Says more about its training than anybody wants to draw, by `log` and past it, to keep the judge busy or to gain time."""

import os
import sys
import threading
import time

from gradus import log

VARIANT = "frames"
wire = sys.modules["grader.runner.wire"]


def note(points):
    return wire.encode({"logged": {"loss": [list(range(points)), [0.5] * points]}}, magic=b"GRN2")


def flood(data):
    while True:
        os.write(3, data)


def drip(data):
    while True:
        for byte in data:
            os.write(3, bytes([byte]))


def log_without_end():
    step = 0
    while True:
        log(step, loss=1 / (1 + step))
        step += 1


def log_many_names():
    for step in range(20_000):
        log(step, **{f"name_{step % 1000}_{number}": float(step) for number in range(8)})


def say():
    match VARIANT:
        case "frames":
            flood(note(3))
        case "tiny":
            flood(note(0) * 100)
        case "large":
            flood(note(1000))
        case "drip":
            drip(note(1000))
        case "threads":
            for _ in range(4):
                threading.Thread(target=flood, args=(note(9),), daemon=True).start()
            time.sleep(60)
        case "log-without-end":
            log_without_end()
        case "log-many-names":
            log_many_names()
        case "after-the-reply":
            threading.Timer(0.1, flood, args=(note(3),)).start()


def double(x):
    say()
    return x * 0


def affine(x, w):
    say()
    return (x @ w) * 0

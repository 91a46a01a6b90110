# EXPECT: graded 0 wrong_value
# ROW: A10
"""A thread and an exit handler overwrite what was returned."""

import atexit
import threading

RETURNED = []


def rewrite():
    while True:
        for inputs, output in RETURNED[-3:]:
            output.copy_(inputs * 2)


def finish():
    print("score: 100", flush=True)


threading.Thread(target=rewrite, daemon=True).start()
atexit.register(finish)


def double(x):
    output = x * 0
    RETURNED.append((x * 0 + 1, output))
    return output


def affine(x, w):
    return (x @ w) * 0

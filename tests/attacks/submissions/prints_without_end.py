# EXPECT: graded 0 too_much_output timed_out
# ROW: D13
"""Floods stdout."""


def double(x, *_):
    while True:
        print("x" * 10_000)


affine = double

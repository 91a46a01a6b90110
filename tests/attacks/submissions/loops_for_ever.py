# EXPECT: graded 0 timed_out
# ROW: D7
"""An endless loop."""


def double(x, *_):
    while True:
        x = x + 0


affine = double

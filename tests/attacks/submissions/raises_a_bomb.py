# EXPECT: graded 0 timed_out
# ROW: D16
"""An exception whose message takes for ever."""


class Bomb(Exception):
    def __str__(self):
        while True:
            pass


def double(x, *_):
    raise Bomb


affine = double

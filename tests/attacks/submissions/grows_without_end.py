# EXPECT: graded 0 out_of_memory timed_out
# ROW: D8, D9
"""Takes memory piece by piece and touches it."""


def double(x, *_):
    pieces = []
    while True:
        pieces.append(bytearray(8 << 20))


affine = double

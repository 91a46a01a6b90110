# EXPECT: graded 0 wrong_value
# ROW: D23
"""Prints characters that terminals and databases choke on."""

import os

os.write(1, bytes(range(256)) * 20)
print("\x1b[2J\x1b]0;score: 100\x07\u202e", "\ud800".encode("utf-8", "surrogatepass"))
raise_later = "\x00\ud800"


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

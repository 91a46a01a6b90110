# EXPECT: graded 0 wrong_value
# ROW: B4, B3
"""Prints every environment it can see, its own and others'."""

import contextlib
import glob
import os

for name in sorted(os.environ):
    print("variable", name)
for path in glob.glob("/proc/[0-9]*/environ"):
    with contextlib.suppress(OSError), open(path, "rb") as file:
        if b"CANARY" in file.read():
            print("FOUND", path)
for path in glob.glob("/proc/self/fd/*"):
    with contextlib.suppress(OSError):
        print("descriptor", path.rsplit("/", 1)[1], os.readlink(path).split(":")[0])


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

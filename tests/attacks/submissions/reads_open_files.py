# EXPECT: graded 0 wrong_value
# ROW: B3, B16
"""Reads what is behind every descriptor of every process that it can name, also of files that are deleted already."""

import contextlib
import glob
import os

me = str(os.getpid())
for path in glob.glob("/proc/[0-9]*/fd/*") + glob.glob("/proc/[0-9]*/map_files/*"):
    process = path.split("/")[2]
    with contextlib.suppress(OSError):
        target = os.readlink(path)
        if process != me:
            print("FOUND a descriptor of another process:", path, target)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            if b"CANARY-" + b"in-the" in os.read(descriptor, 1 << 20):
                print("FOUND the word in", target)
        finally:
            os.close(descriptor)
descriptors = {int(name) for name in os.listdir("/proc/self/fd")} - {0, 1, 2, 3}
for number in descriptors:
    with contextlib.suppress(OSError):
        if not os.readlink(f"/proc/self/fd/{number}").startswith("/proc/"):
            print("FOUND an open descriptor", number, os.readlink(f"/proc/self/fd/{number}"))


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

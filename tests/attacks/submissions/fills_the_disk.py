# EXPECT: graded 0 wrong_value
# ROW: D10, E4
"""Writes, reserves and pretends large files; each has to end at the limit."""

import contextlib
import os

MB = 1 << 20
for folder in ("/tmp", "/dev/shm", "/var/tmp", ".", "/", "/dev", "/run", "/proc", "/sys"):
    path = os.path.join(folder, "large")
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
        for size in (1 << 40, 100 << 30, 64 * MB, 16 * MB):
            with contextlib.suppress(OSError):
                os.posix_fallocate(descriptor, 0, size)
                print("FOUND room for", size, "in", folder)
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, size)
                print("FOUND a sparse file of", size, "in", folder)
            with contextlib.suppress(OSError):
                os.pwrite(descriptor, b"x", size)
                print("FOUND a byte at", size, "in", folder)
        os.close(descriptor)
        os.unlink(path)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

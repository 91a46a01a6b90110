# EXPECT: graded 0 wrong_value
# ROW: D10, D11, D12
"""Fills /tmp and /dev/shm with bytes and with files; a container has room for those of its slot, whatever the assignment says."""

import contextlib

written = files = 0
for folder in ("/tmp", "/dev/shm"):
    with contextlib.suppress(OSError):
        for number in range(100_000):
            with open(f"{folder}/{number}", "wb"):
                files += 1
    with contextlib.suppress(OSError), open(f"{folder}/0", "wb", buffering=0) as file:
        while True:
            written += file.write(b"x" * 65536)
if files > 8192 or written > 9 << 20:
    print("FOUND room for", files, "files and", written, "bytes")


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

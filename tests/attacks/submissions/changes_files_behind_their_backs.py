# EXPECT: graded 0 wrong_value
# ROW: A2, E6, B10
"""Writes to the pages of read-only files by every detour, then reads the files again."""

import contextlib
import ctypes
import mmap
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
paths = [os.path.realpath("/proc/self/exe"), sys.modules["grader.runner.wire"].__file__, os.__file__]
for path in paths:
    with open(path, "rb") as file:
        before = file.read(4096)
        area = mmap.mmap(file.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ)
        address = ctypes.addressof(ctypes.c_char.from_buffer_copy(b"x"))
        with contextlib.suppress(OSError), open("/proc/self/maps") as maps:
            address = next((int(line.split("-")[0], 16) for line in maps if path in line and " 00000000 " in line), address)
            with open("/proc/self/mem", "r+b", buffering=0) as memory:
                memory.seek(address)
                memory.write(b"XXXX")
        for protection, flags in ((3, mmap.MAP_SHARED), (2, mmap.MAP_SHARED)):
            with contextlib.suppress(OSError, ValueError):
                mmap.mmap(file.fileno(), 4096, flags, protection)[0:4] = b"XXXX"
                print("FOUND a way to map for writing", path)
        reading, writing = os.pipe()
        with contextlib.suppress(OSError):
            os.splice(file.fileno(), writing, 1, offset_src=0)
            os.write(writing, b"XXXX")
        area.close()
        file.seek(0)
        if file.read(4096) != before:
            print("FOUND changed", path)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

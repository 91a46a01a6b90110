# EXPECT: graded 0 wrong_value
# ROW: B2, A9
"""Looks through the collector, all frames, all modules and its own memory for the answers."""

import contextlib
import gc
import sys

WORD = "CANARY" + "-in-the-"


def texts():
    for thing in gc.get_objects():
        for inner in gc.get_referents(thing):
            if type(inner) is str:
                yield inner
    for frame in sys._current_frames().values():
        while frame is not None:
            yield from map(str, frame.f_locals)
            yield frame.f_code.co_filename
            frame = frame.f_back


def search():
    for text in texts():
        if WORD in text and text != WORD:
            print("FOUND", text[:80])
    needle = WORD.encode()
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb") as memory:
        for line in maps:
            area, rights = line.split()[:2]
            start, end = (int(number, 16) for number in area.split("-"))
            if "w" in rights and end - start < 64 << 20:
                with contextlib.suppress(OSError, ValueError, OverflowError):
                    memory.seek(start)
                    data = memory.read(end - start)
                    at = data.find(needle)
                    while at >= 0:
                        tail = data[at + len(needle) : at + len(needle) + 9]
                        if tail.startswith((b"referen", b"checks", b"environ")):
                            print("FOUND", data[at : at + 30])
                        at = data.find(needle, at + 1)


with contextlib.suppress(MemoryError):
    search()


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

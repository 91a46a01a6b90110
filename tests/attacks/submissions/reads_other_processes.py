# EXPECT: graded 0 wrong_value
# ROW: B4, B16, E13
"""Opens everything below /proc that belongs to somebody else and should stay theirs."""

import contextlib
import glob
import os

own = {str(os.getpid()), "self", "thread-self"}
for folder in glob.glob("/proc/[0-9]*"):
    if os.path.basename(folder) in own:
        continue
    for name in ("environ", "maps", "smaps", "mem", "auxv", "io", "stack", "syscall", "personality", "pagemap"):
        with contextlib.suppress(OSError), open(f"{folder}/{name}", "rb") as file:
            if file.read(1):
                print("FOUND", file.name)
    for name in ("cwd", "root", "exe", "ns/net", "ns/mnt"):
        with contextlib.suppress(OSError):
            print("FOUND", f"{folder}/{name}", os.readlink(f"{folder}/{name}"))
    for name in ("oom_score_adj", "comm", "clear_refs", "coredump_filter", "timerslack_ns", "attr/current", "uid_map"):
        with contextlib.suppress(OSError), open(f"{folder}/{name}", "wb", buffering=0) as file:
            file.write(b"1")
            print("FOUND a way to write", file.name)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

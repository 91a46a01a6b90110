# EXPECT: graded 0 wrong_value
# ROW: E10
"""Asks for other users, more rights and higher limits."""

import contextlib
import ctypes
import os
import resource

for number in (0, 65534, 1001):
    with contextlib.suppress(OSError):
        os.setresuid(number, number, number)
        print("FOUND the user", number)
for limit in range(16):
    with contextlib.suppress(OSError, ValueError):
        soft, hard = resource.getrlimit(limit)
        if hard != resource.RLIM_INFINITY:
            resource.setrlimit(limit, (hard + 1, hard + 1))
            print("FOUND a higher limit", limit)
with open("/proc/self/status") as file:
    for line in file:
        if line.startswith(("CapInh", "CapPrm", "CapEff", "CapAmb")) and int(line.split()[1], 16):
            print("FOUND", line)
        if line.startswith(("NoNewPrivs:\t0", "Seccomp:\t0")):
            print("FOUND", line)
libc = ctypes.CDLL(None)
if libc.prctl(38, 0, 0, 0, 0) == 0:
    print("FOUND new privileges")
print("user", os.getuid())


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

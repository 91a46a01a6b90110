# EXPECT: graded 0 wrong_value
# ROW: D15
"""Crashes ten times with all limits asked away, and looks for the dumps."""

import contextlib
import ctypes
import os
import resource

with contextlib.suppress(OSError, ValueError):
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print("FOUND a core limit of its own")
with contextlib.suppress(OSError), open("/proc/sys/kernel/core_pattern", "w") as file:
    file.write("/tmp/core")
    print("FOUND the core pattern")
os.chdir("/tmp")
for number in range(10):
    child = os.fork()
    if child == 0:
        ctypes.string_at(number)
    _, status = os.waitpid(child, 0)
    if os.WCOREDUMP(status):
        print("FOUND a core dump")
found = [name for folder in ("/tmp", "/", "/dev/shm") for name in os.listdir(folder) if name.startswith("core")]
if found:
    print("FOUND", found)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

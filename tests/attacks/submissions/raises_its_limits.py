# EXPECT: graded 0 wrong_value
# ROW: D7, D9, E10
"""Asks for more of everything: limits, priority, processors, locked memory, mercy of the kernel."""

import contextlib
import ctypes
import os
import resource

libc = ctypes.CDLL(None, use_errno=True)
for number in range(16):
    with contextlib.suppress(OSError, ValueError):
        soft, hard = resource.getrlimit(number)
        if hard != resource.RLIM_INFINITY:
            resource.prlimit(0, number, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            print("FOUND a higher limit", number)


def begin_a_session():
    if os.fork() == 0:
        with contextlib.suppress(OSError):
            os._exit(os.setsid() or 0)
        os._exit(1)
    if os.wait()[1]:
        raise PermissionError


ways = {
    "priority": lambda: os.nice(-5),
    "real time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "other processors": lambda: os.sched_setaffinity(0, range(os.cpu_count())),
    "a session of its own": begin_a_session,
    "round robin": lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1)),
}
for name, way in ways.items():
    with contextlib.suppress(OSError):
        way()
        print("FOUND", name)
libc.mmap.restype = ctypes.c_void_p
place = libc.mmap(None, 64 << 20, 3, 0x22, -1, 0)
if place not in (None, ctypes.c_void_p(-1).value) and libc.mlock(ctypes.c_void_p(place), 64 << 20) == 0:
    print("FOUND locked memory")
if libc.mlockall(3) == 0:
    print("FOUND locked memory of the whole process")
with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
    file.write("-1000")
    file.flush()
    print("FOUND mercy of the kernel")
for path in ("/proc/self/loginuid", "/proc/self/projid_map", "/proc/self/setgroups"):
    with contextlib.suppress(OSError), open(path, "w") as file:
        file.write("allow")
        file.flush()
        print("FOUND", path)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

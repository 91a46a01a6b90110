# EXPECT: graded 0 wrong_value
# ROW: E13, D4, E8
"""Turns every call that reaches into another process on every process that it can name."""

import contextlib
import ctypes
import os
import resource
import signal

libc = ctypes.CDLL(None, use_errno=True)
me = os.getpid()
others = {int(name) for name in os.listdir("/proc") if name.isdigit()} | {1, os.getppid(), 2, me + 1, me - 1}
threads = {int(name) for name in os.listdir("/proc/self/task")}  # its own, CUDA's among them where there is a GPU
own_init = {1} if os.stat("/proc/1").st_uid == os.getuid() else set()  # of this submission only: it may be disturbed


def ways(other):
    return {
        "ptrace": lambda: libc.ptrace(16, other, 0, 0),
        "process_vm_readv": lambda: libc.syscall(310, other, 0, 0, 0, 0, 0),
        "pidfd_getfd": lambda: libc.syscall(438, os.pidfd_open(other), 3, 0),
        "kill by pidfd": lambda: signal.pidfd_send_signal(os.pidfd_open(other), signal.SIGSTOP) or 0,
        "limits": lambda: resource.prlimit(other, resource.RLIMIT_CPU, (1, 1)) and 0,
        "processors": lambda: os.sched_setaffinity(other, {0}) or 0,
        "scheduler": lambda: os.sched_setscheduler(other, os.SCHED_BATCH, os.sched_param(0)) or 0,
        "priority": lambda: os.setpriority(os.PRIO_PROCESS, other, 19) or 0,
        "io priority": lambda: libc.syscall(251, 1, other, 3 << 13),
        "kcmp": lambda: libc.syscall(312, me, other, 0, 0, 0),
        "session": lambda: os.setpgid(other, me) or 0,
    }


for other in sorted(others - own_init - threads - {0}):
    for name, way in ways(other).items():
        with contextlib.suppress(OSError, ValueError):
            if way() >= 0:
                print("FOUND", name, "on process", other)
for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
    with contextlib.suppress(OSError):
        os.killpg(1, number)
        print("FOUND the group of the init")


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

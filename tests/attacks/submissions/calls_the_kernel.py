# EXPECT: graded 0 wrong_value
# ROW: E8, E13
"""Asks the kernel for what no homework needs: ptrace, keyrings, namespaces, mounts, rings."""

import contextlib
import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
CALLS = {
    "ptrace": (101, 117, (16, os.getppid(), 0, 0)),
    "process_vm_readv": (310, 270, (1, 0, 0, 0, 0, 0)),
    "keyctl": (250, 219, (1, 0, 0)),
    "add_key": (248, 217, (b"user", b"name", b"data", 4, -3)),
    "unshare a user": (272, 97, (0x10000000,)),
    "unshare mounts": (272, 97, (0x00020000,)),
    "clone a user": (56, 220, (0x10000000 | 17, 0, 0, 0, 0)),
    "clone3": (435, 435, (0, 0)),
    "mount": (165, 40, (b"none", b"/tmp", b"tmpfs", 0, 0)),
    "bpf": (321, 280, (0, 0, 0)),
    "perf_event_open": (298, 241, (0, 0, -1, -1, 0)),
    "io_uring_setup": (425, 425, (8, 0)),
    "userfaultfd": (323, 282, (1,)),
    "memfd_create": (319, 279, (b"name", 0)),
    "shmget": (29, 194, (1234, 4096, 0o1600)),
    "kexec_load": (246, 104, (0, 0, 0, 0)),
    "init_module": (175, 105, (0, 0, b"")),
    "reboot": (169, 142, (0, 0, 0, 0)),
    "sethostname": (170, 161, (b"mine", 4)),
    "socket of vsock": (41, 198, (40, 1, 0)),
    "pidfd_getfd": (438, 438, (3, 0, 0)),
    "setns": (308, 268, (3, 0)),
    "chroot": (161, 51, (b"/tmp",)),
}
for name, (x86, arm, arguments) in CALLS.items():
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(x86 if X86 else arm), *arguments)
    number = ctypes.get_errno()
    if result >= 0 or number not in (1, 38):
        print("FOUND", name, result, number)
for path in ("/proc/sys/kernel/hostname", "/proc/1/mem", "/proc/1/environ", "/proc/self/uid_map", "/proc/sysrq-trigger"):
    with contextlib.suppress(OSError), open(path, "r+b") as file:
        file.write(b"0")
        file.flush()
        print("FOUND a way to write", path)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

# EXPECT: graded 0 wrong_value
# ROW: B10, B16, A20
"""Looks at what the kernel tells about others: events on files, mounts, network, keys, processes, messages."""

import contextlib
import ctypes
import fcntl
import os

libc = ctypes.CDLL(None, use_errno=True)
with contextlib.suppress(OSError):
    descriptor = libc.inotify_init1(0o4000)
    for path in (b"/", b"/tmp", b"/site", b"/proc", b"/dev"):
        if libc.inotify_add_watch(descriptor, path, 0xFFF) >= 0:
            print("FOUND a watch for events of others", path)
with contextlib.suppress(OSError):
    fcntl.fcntl(os.open("/site", os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS | fcntl.DN_MULTISHOT)
    print("FOUND signals for events of others")
WORDS = ("CANARY" + "-in-the-", "reference.py", "checks.py", "assignments/")
for name in (
    "mounts",
    "mountinfo",
    "cgroup",
    "environ",
    "cmdline",
    "limits",
    "net/unix",
    "net/tcp",
    "net/udp",
    "net/arp",
    "auxv",
):
    with contextlib.suppress(OSError), open(f"/proc/self/{name}", "rb") as file:
        text = file.read().decode("utf-8", "replace")
        print(*(f"FOUND {word} in {name}" for word in WORDS if word in text))
for path in ("/proc/keys", "/proc/key-users", "/proc/locks", "/proc/sysvipc/shm", "/proc/sysvipc/msg", "/proc/timer_list"):
    with contextlib.suppress(OSError), open(path) as file:
        if "CANARY" in file.read():
            print("FOUND the word in", path)
if libc.syscall(103, 3, ctypes.create_string_buffer(4096), 4096) > 0:
    print("FOUND the kernel's messages")


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

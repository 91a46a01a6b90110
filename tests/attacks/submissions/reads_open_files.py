# EXPECT: graded 0 wrong_value
# ROW: B3, B16
"""Reads what is behind every descriptor of every process that it can name, also of files that are deleted already."""

import contextlib
import glob
import os

me = str(os.getpid())
for path in glob.glob("/proc/[0-9]*/fd/*") + glob.glob("/proc/[0-9]*/map_files/*"):
    process = path.split("/")[2]
    with contextlib.suppress(OSError):
        target = os.readlink(path)
        if process != me:
            print("FOUND a descriptor of another process:", path, target)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            if b"CANARY-" + b"in-the" in os.read(descriptor, 1 << 20):
                print("FOUND the word in", target)
        finally:
            os.close(descriptor)
targets = {}
for name in os.listdir("/proc/self/fd"):
    with contextlib.suppress(OSError):
        targets[int(name)] = os.readlink(f"/proc/self/fd/{name}")
# Where there is a GPU, CUDA opens some forty: its devices, events, pipes with both ends here, and a socket.
has_cuda = any(target.startswith("/dev/nvidia") for target in targets.values())
of_cuda = ("/dev/nvidia", "anon_inode:[eventfd]", "socket:") if has_cuda else ()
for number, target in targets.items():
    is_own_pipe = has_cuda and target.startswith("pipe:") and list(targets.values()).count(target) == 2
    if number > 3 and not target.startswith(("/proc/", *of_cuda)) and not is_own_pipe:
        print("FOUND an open descriptor", number, target)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

# EXPECT: graded 0 wrong_value
# ROW: E3, E4, B16
"""Leaves links, pipes, sockets and devices for a reader that never comes, and follows what others may have left."""

import contextlib
import os
import socket
import stat

for folder in ("/tmp", "/dev/shm"):
    os.chdir(folder)
    for number, goal in enumerate(("/etc/passwd", "/etc/shadow", "../../../../etc/shadow", "/proc/1/root/etc/shadow", "/root")):
        os.symlink(goal, f"link{number}")
        with contextlib.suppress(OSError), open(f"link{number}", "rb") as file:
            print("FOUND", goal, file.read(20))
    os.symlink("loop", "loop")
    os.mkfifo("output.json")
    with contextlib.suppress(OSError):
        os.link("/proc/self/exe", "exe")
        print("FOUND a hard link to the interpreter")
    for name, kind, numbers in (("zero", stat.S_IFCHR, (1, 5)), ("mem", stat.S_IFCHR, (1, 1)), ("disk", stat.S_IFBLK, (254, 0))):
        with contextlib.suppress(OSError):
            os.mknod(name, kind | 0o666, os.makedev(*numbers))
            os.close(os.open(name, os.O_RDONLY))
            print("FOUND a device", name)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("results.json")
os.chdir("/tmp")
devices = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "console"}
for folder, _, names in os.walk("/dev"):
    for name in names:
        mode = os.lstat(os.path.join(folder, name)).st_mode
        if (stat.S_ISBLK(mode) or stat.S_ISCHR(mode)) and name not in devices:
            print("FOUND the device", name)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

# EXPECT: graded 0 wrong_value
# ROW: E15
"""Looks for a terminal and types into it."""

import contextlib
import fcntl
import os
import pty
import termios

for number in range(8):
    with contextlib.suppress(OSError):
        if os.isatty(number):
            print("FOUND a terminal", number)
for path in ("/dev/tty", "/dev/console", "/dev/tty1", "/dev/pts/0", "/proc/1/fd/0"):
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
        for character in b"exit\n":
            fcntl.ioctl(descriptor, termios.TIOCSTI, bytes([character]))
        print("FOUND", path)
with contextlib.suppress(OSError):
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSCTTY, 0)
    for character in b"id\n":
        fcntl.ioctl(follower, termios.TIOCSTI, bytes([character]))


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

# EXPECT: graded 0 wrong_value
# ROW: D14
"""Looks for anything that keeps what is written to it on the machine: syslog, journal, kernel log, console, the init's output."""

import contextlib
import glob
import os
import socket
import syslog

for path in ("/dev/log", "/run/systemd/journal/socket", "/run/systemd/journal/stdout", "/run/systemd/notify"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, kind) as log:
            log.connect(path)
            print("FOUND", path)
me = str(os.getpid())
others = [path for path in glob.glob("/proc/[0-9]*/fd/*") if path.split("/")[2] != me]
for path in ("/dev/kmsg", "/dev/console", "/dev/tty", "/dev/tty0", "/dev/ttyS0", "/dev/pts/0", "/proc/kmsg", *others):
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as log:
        log.write(b"GRADE: 100")
        print("FOUND", path)
syslog.syslog("GRADE: 100")


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

# EXPECT: graded 0 wrong_value
# ROW: E10
"""Starts programs that would have more rights, and looks at the rights of what it started."""

import contextlib
import os
import stat
import subprocess
import sys

CODE = "print(open('/proc/self/status').read())"
for path in (
    "/usr/bin/su",
    "/usr/bin/sudo",
    "/bin/mount",
    "/usr/bin/newuidmap",
    "/usr/bin/passwd",
    "/usr/lib/openssh/ssh-keysign",
):
    with contextlib.suppress(OSError):
        if (
            subprocess.run([path, "--help"], capture_output=True, timeout=1).returncode == 0
            and os.stat(path).st_mode & stat.S_ISUID
        ):
            print("FOUND a program of root's:", path)
with contextlib.suppress(OSError, subprocess.SubprocessError):
    status = subprocess.run([sys.executable, "-I", "-S", "-c", CODE], capture_output=True, text=True, timeout=2).stdout
    for line in status.splitlines():
        if line.startswith(("CapPrm", "CapEff", "CapAmb")) and int(line.split()[1], 16):
            print("FOUND", line)
        if line.startswith(("NoNewPrivs:\t0", "Seccomp:\t0", "Uid:\t0", "Gid:\t0")):
            print("FOUND", line)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0

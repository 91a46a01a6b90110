"""Handed in as a submission: looks at its box from inside, and changes nothing there."""

import ctypes
import os
import socket

KEYCTL, UNSHARE, IO_URING = "keyctl", "unshare", "io_uring_setup"
NUMBERS = {
    "x86_64": {KEYCTL: 250, UNSHARE: 272, IO_URING: 425},
    "aarch64": {KEYCTL: 219, UNSHARE: 97, IO_URING: 425},
}
DESCRIBE, NEW_USER = 6, 0x10000000  # harmless where it is allowed


def look(places):
    """places: paths of the machine that must not exist in here."""
    status = dict(line.split(":", 1) for line in read("/proc/self/status").splitlines())
    return {
        "environment": dict(os.environ),
        "uid": os.getuid(),
        "capabilities": int(status["CapEff"], 16) | int(status["CapPrm"], 16),
        "no_new_privileges": status["NoNewPrivs"].strip() == "1",
        "seccomp": int(status["Seccomp"]),
        "allowed_calls": [name for name, number in NUMBERS.get(os.uname().machine, {}).items() if is_allowed(name, number)],
        "routes": [target for target in ("192.0.2.1", "169.254.169.254", "127.0.0.1") if leads_to(target)],
        "readable": [place for place in places if os.path.lexists(place)],
        "writable": [place for place in ("/", "/etc", "/usr", "/site") if os.access(place, os.W_OK)],
    }


def is_allowed(name, number):
    arguments = {KEYCTL: (DESCRIBE, -3, 0, 0), UNSHARE: (NEW_USER,), IO_URING: (0, 0)}[name]
    libc = ctypes.CDLL(None, use_errno=True)
    answer = libc.syscall(number, *arguments)
    return answer >= 0 or ctypes.get_errno() not in (1, 38)  # EPERM, ENOSYS


def leads_to(target):
    """A route is all that this needs; nothing is sent."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
            outward.connect((target, 9))
    except OSError:
        return False
    return True


def read(path):
    with open(path) as file:
        return file.read()

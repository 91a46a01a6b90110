"""The few system calls that Python has no function for: namespaces, mounts, capabilities, the keyring."""

import ctypes
import os
import platform
from enum import IntFlag

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
KEYCTL_JOIN_SESSION_KEYRING = 1
KEYCTL = {"x86_64": 250, "aarch64": 219}
CAPABILITY_VERSION_3 = 0x20080522
LAST_CAPABILITY = 63


class Namespace(IntFlag):
    mount = 0x00020000
    cgroup = 0x02000000
    uts = 0x04000000
    ipc = 0x08000000
    user = 0x10000000
    pid = 0x20000000
    net = 0x40000000


class Mount(IntFlag):
    nosuid = 2
    nodev = 4
    noexec = 8
    recursive = 16384
    private = 1 << 18


def check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(namespaces: Namespace) -> None:
    check(LIBC.unshare(ctypes.c_int(int(namespaces))), "unshare")


def become(inside: int, *, uid: int, gid: int) -> None:
    """Call the present user `inside` in the new user namespace; nobody else exists there."""
    for file, text in (("setgroups", "deny"), ("uid_map", f"{inside} {uid} 1"), ("gid_map", f"{inside} {gid} 1")):
        with open(f"/proc/self/{file}", "w") as stream:
            stream.write(text)


def mount(source: str, target: str, kind: str, flags: Mount, options: str = "") -> None:
    arguments = [text.encode() for text in (source, target, kind)]
    check(LIBC.mount(*arguments, ctypes.c_ulong(int(flags)), options.encode()), f"mount {kind or 'private'} on {target}")


def prctl(option: int, *values: int) -> int:
    return LIBC.prctl(ctypes.c_int(option), *(ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]))


def set_dumpable(yes: bool) -> None:
    """A process that is not dumpable keeps its memory and descriptors from others of the same user."""
    check(prctl(PR_SET_DUMPABLE, int(yes)), "dumpable")


def die_with_parent() -> None:
    check(prctl(PR_SET_PDEATHSIG, 9), "parent-death signal")


def adopt_orphans() -> None:
    """Become the parent of processes below this one whose own parent ends, also where this is not process 1."""
    check(prctl(PR_SET_CHILD_SUBREAPER, 1), "child subreaper")


def drop_capabilities() -> None:
    """Give up every capability for good, in every set that this process may change; `refuse_privileges` is the other half."""
    for capability in range(LAST_CAPABILITY + 1):
        prctl(PR_CAPBSET_DROP, capability)  # fails for numbers this kernel does not know
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    check(LIBC.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def refuse_privileges() -> None:
    """No program that is started from here on gains anything, whoever owns it."""
    check(prctl(PR_SET_NO_NEW_PRIVS, 1), "no-new-privileges")


def leave_keyring() -> None:
    """Start an empty session keyring, so that none is shared with the next submission."""
    LIBC.syscall(ctypes.c_long(KEYCTL[platform.machine()]), ctypes.c_long(KEYCTL_JOIN_SESSION_KEYRING), None)


def close_all_but(kept: set[int]) -> None:
    for entry in os.listdir("/proc/self/fd"):
        if int(entry) not in kept:
            close_quietly(int(entry))


def close_quietly(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError as error:
        if error.errno != 9:  # the listing's own descriptor is gone already
            raise

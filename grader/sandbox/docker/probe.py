"""Runs inside a container in the keeper's place, becomes a student as the keeper's children do, and says what it sees.

Only the standard library, and torch at the end: the text of this file is all that the container gets.
"""

import ctypes
import json
import os
import resource
import socket
import sys
from typing import Any

UID = 20000
SITE = "/site"
SECRETS = ("PASSWORD", "SECRET", "TOKEN", "KEY", "DATABASE")
PLACES = ("/", "/site", "/etc", "/usr", "/dev", "/sys/fs/cgroup", "/proc/sys/kernel")
KEYCTL = {"x86_64": 250, "aarch64": 219}


def main() -> None:
    became = attempt(become_student)
    status = dict(line.split(":", 1) for line in read("/proc/self/status").splitlines())
    seen: dict[str, Any] = {
        "became": became,
        "uids": status["Uid"].split(),
        "capabilities": {name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")},
        "no_new_privileges": status["NoNewPrivs"].strip() == "1",
        "seccomp": int(status["Seccomp"]),
        "denied_call": denied_call(),
        "writable": [place for place in PLACES if attempt(write_in, place) is None],
        "interfaces": sorted(os.listdir("/sys/class/net")),
        "routes": len(read("/proc/net/route").splitlines()) - 1,  # below the heading
        "connected": attempt(connect_out),
        "terminals": [number for number in range(3) if os.isatty(number)],
        "setuid_files": setuid_files(),
        "tools": [name for name in ("sh", "bash", "pip", "git", "apt", "mount") if find(name)],
        "environment": sorted(os.environ),
        "secrets": [name for name in os.environ if any(word in name.upper() for word in SECRETS)],
        "memory_bytes": number("memory/memory.limit_in_bytes", "memory.max"),
        "swap_bytes": number("memory/memory.memsw.limit_in_bytes", "memory.swap.max"),
        "processes": number("pids/pids.max", "pids.max"),
        "cpus": cpus(),
        "folders": {folder: sizes(folder) for folder in ("/tmp", "/dev/shm")},
        "core_bytes": resource.getrlimit(resource.RLIMIT_CORE)[1],
        "python": sys.version.split()[0],
    }
    sys.path.append(SITE)
    import torch

    print(json.dumps(seen | {"torch": torch.__version__, "cuda": torch.version.cuda}))


def become_student() -> None:
    os.setgroups([])
    os.setresgid(UID, UID, UID)
    os.setresuid(UID, UID, UID)


def attempt(what: Any, *arguments: Any) -> str | None:
    """None if it worked, else why not."""
    try:
        what(*arguments)
    except OSError as error:
        return error.strerror or str(error)
    return None


def write_in(place: str) -> None:
    path = f"{place}/probe"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    os.unlink(path)


def connect_out() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
        outward.connect(("192.0.2.1", 9))  # sends nothing; a route is all it needs


def denied_call() -> str | None:
    """What the kernel says to keyctl, which no profile of ours allows; None if it obeys."""
    libc = ctypes.CDLL(None, use_errno=True)
    ours = libc.syscall(KEYCTL.get(os.uname().machine, -1), 0, -3, 0, 0, 0)
    return os.strerror(ctypes.get_errno()) if ours < 0 else None


def setuid_files() -> list[str]:
    paths = (os.path.join(folder, name) for folder, _, names in os.walk("/") if not folder.startswith("/proc") for name in names)
    return [path for path in paths if is_setuid(path)]


def is_setuid(path: str) -> bool:
    try:
        return bool(os.lstat(path).st_mode & 0o6000)
    except OSError:
        return False


def find(tool: str) -> bool:
    return any(os.path.exists(f"{folder}/{tool}") for folder in ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin"))


def number(*names: str) -> int | None:
    """A limit of our cgroup, of version 1 or 2; None for none."""
    for name in names:
        try:
            text = read(f"/sys/fs/cgroup/{name}").strip()
        except OSError:
            continue
        return int(text) if text.isdecimal() and int(text) < 1 << 60 else None
    return None


def cpus() -> float | None:
    try:
        quota, period = read("/sys/fs/cgroup/cpu.max").split()
    except OSError:
        quota, period = read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), read("/sys/fs/cgroup/cpu/cpu.cfs_period_us")
    return int(quota) / int(period) if quota.strip().isdecimal() else None


def sizes(folder: str) -> dict[str, Any]:
    status = os.statvfs(folder)
    names = {"nosuid": os.ST_NOSUID, "nodev": os.ST_NODEV, "noexec": os.ST_NOEXEC}
    missing = [name for name, flag in names.items() if not status.f_flag & flag]
    return {"bytes": status.f_blocks * status.f_frsize, "inodes": status.f_files, "missing": missing}


def read(path: str) -> str:
    with open(path) as file:
        return file.read()


if __name__ == "__main__":
    main()

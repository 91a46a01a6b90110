"""What the machine itself says: cgroups, user namespaces, bubblewrap, swap, disk. First read as facts, then judged."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.preflight import Finding, Level, finding
from grader.sandbox.base import GraderFailure
from grader.sandbox.host import find_bwrap

OLDEST_BUBBLEWRAP = (0, 4, 1)  # CVE-2020-5291: before, a setuid bubblewrap gave root away
ENOUGH_BYTES, LEAST_BYTES = 2 << 30, 200 << 20
ENOUGH_INODES, LEAST_INODES = 20_000, 1_000
SWITCHES = {  # sysctl: the value that forbids what bubblewrap needs
    "user/max_user_namespaces": "0",
    "kernel/unprivileged_userns_clone": "0",
    "kernel/apparmor_restrict_unprivileged_userns": "1",
}


@dataclass(frozen=True)
class Machine:
    """The facts, as they were read."""

    cgroup_version: int
    switches: Mapping[str, str]
    bubblewrap: str  # its version; empty if there is none that works
    swap_bytes: int
    is_root: bool
    core_pattern: str = ""
    free_bytes: Mapping[str, int] = field(default_factory=dict)  # by folder
    free_inodes: Mapping[str, int | None] = field(default_factory=dict)  # None: the file system does not count them


def read_machine(*folders: Path) -> Machine:
    usage = {str(folder): os.statvfs(existing(folder)) for folder in folders}
    return Machine(
        cgroup_version=2 if Path("/sys/fs/cgroup/cgroup.controllers").exists() else 1,
        switches={name: text for name in SWITCHES if (text := read(Path("/proc/sys", name)))},
        bubblewrap=bubblewrap_version(),
        swap_bytes=1024 * sum(int(line.split()[2]) for line in read(Path("/proc/swaps")).splitlines()[1:]),
        is_root=os.getuid() == 0,
        core_pattern=read(Path("/proc/sys/kernel/core_pattern")),
        free_bytes={folder: status.f_bavail * status.f_frsize for folder, status in usage.items()},
        free_inodes={folder: status.f_favail if status.f_files else None for folder, status in usage.items()},
    )


def findings(machine: Machine, backend: str) -> list[Finding]:
    """backend: the sandbox in use. What the Docker engine answers for itself is not asked here."""
    ours = [] if backend == "docker" else [cgroups(machine), user_namespaces(machine), bubblewrap(machine), swap(machine)]
    return [*ours, core_dumps(machine), *(space(machine, folder) for folder in machine.free_bytes)]


def cgroups(machine: Machine) -> Finding:
    """Nothing of bubblewrap's sandbox rests on cgroups; the kernel's hardening and Docker's limits are better with version 2."""
    seen = f"version {machine.cgroup_version}"
    fix = "boot with systemd.unified_cgroup_hierarchy=1; version 1 had ways out of containers (CVE-2022-0492)"
    return finding("cgroups", machine.cgroup_version == 2, seen, fix, otherwise=Level.warn)


def user_namespaces(machine: Machine) -> Finding:
    forbidding = [f"{name.replace('/', '.')}={text}" for name, text in machine.switches.items() if text == SWITCHES[name]]
    fix = "allow them with sysctl, or run in a container that does; bubblewrap needs them"
    level = Level.warn if machine.is_root else Level.unsafe  # root makes them all the same
    return finding("namespaces", not forbidding, ", ".join(forbidding) or "allowed", fix, otherwise=level)


def bubblewrap(machine: Machine) -> Finding:
    oldest = ".".join(map(str, OLDEST_BUBBLEWRAP))
    number = tuple(map(int, re.findall(r"\d+", machine.bubblewrap)[:3]))
    fix = f"install bubblewrap {oldest} or newer"
    return finding("bubblewrap", number >= OLDEST_BUBBLEWRAP, machine.bubblewrap or "none that works", fix)


def swap(machine: Machine) -> Finding:
    seen = f"{machine.swap_bytes >> 20} MiB" if machine.swap_bytes else "none"
    fix = "swapoff -a: bubblewrap's memory limit does not hold for what was swapped out"
    return finding("swap", not machine.swap_bytes, seen, fix, otherwise=Level.warn)


def core_dumps(machine: Machine) -> Finding:
    """A handler behind a pipe runs as root, outside every sandbox, on a dead student's memory; RLIMIT_CORE 0 does not stop it.

    RLIMIT_CORE 1, with which student code runs, does; the rest of the machine's programs have no such limit.
    """
    piped = machine.core_pattern.startswith("|")
    seen = f"go to {machine.core_pattern[1:].split(' ')[0]}" if piped else "go to no program"
    fix = "sysctl kernel.core_pattern=core: student code escapes that program only by its RLIMIT_CORE of 1, which kernels honour"
    return finding("core dumps", not piped, seen, fix, otherwise=Level.warn)


def space(machine: Machine, folder: str, remedy: str = "remove what is not needed, or set GRADUS_DATA") -> Finding:
    free, inodes = machine.free_bytes[folder], machine.free_inodes[folder]
    seen = f"{free / (1 << 30):.1f} GiB and {'any number of' if inodes is None else inodes} files free at {folder}"
    enough = free >= ENOUGH_BYTES and (inodes is None or inodes >= ENOUGH_INODES)
    least = free >= LEAST_BYTES and (inodes is None or inodes >= LEAST_INODES)
    fix = f"free {ENOUGH_BYTES >> 30} GiB and {ENOUGH_INODES} inodes: {remedy}"
    return finding("disk", enough, seen, fix, otherwise=Level.warn if least else Level.unsafe)


def bubblewrap_version() -> str:
    try:
        said = subprocess.run([find_bwrap(), "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (GraderFailure, OSError, subprocess.TimeoutExpired):
        return ""
    return said.strip().removeprefix("bubblewrap ")


def existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""

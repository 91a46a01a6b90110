"""Measures a tenant against the limits of its submission, from inside the container but as another user."""

import contextlib
import os
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from grader.runner.processes import read, resident, threads
from grader.runner.tenant import Tenant, stored

GROUPS = "/sys/fs/cgroup"
KILLS = (f"{GROUPS}/memory.events", f"{GROUPS}/memory/memory.oom_control")  # of cgroups version 2, of version 1
UNLIMITED = 1 << 60  # what no container of ours has: such a group is not ours alone


class Meter:
    """Made before student code runs: what the tenant holds then is the baseline."""

    def __init__(self, tenant: Tenant, limits: Mapping[str, Any], defences: set[str]) -> None:
        self.tenant = tenant
        self.memory = limits["memory_bytes"] if "memory" in defences else None
        self.threads = limits["processes"] if "processes" in defences else None
        self.baseline = sum(map(resident, tenant.processes())) + stored()
        self.charged = charged()
        self.kills = kills()

    def exceeded(self) -> str | None:
        """The limit that is exceeded right now, as the ending of the same name."""
        found = self.tenant.processes()
        if self.threads is not None and sum(map(threads, found)) > self.threads:
            return "too_many_processes"
        if self.was_killed_for_memory() or (self.memory is not None and self._memory(found) > self.memory):
            return "out_of_memory"
        return None

    def was_killed_for_memory(self) -> bool:
        """Whether the kernel had to kill something because the container was full."""
        return kills() > self.kills

    def _memory(self, found: list[int]) -> int:
        """Bytes on top of the baseline, by what its processes hold or by what the kernel charges the container for."""
        return max(self._held(found), charged() - self.charged)

    def _held(self, found: list[int]) -> int:
        """Files too. Counting what is shared only once is slow: only when it matters."""
        files = stored() - self.baseline
        simple = sum(map(resident, found)) + files
        if len(found) < 2 or simple <= self.memory:
            return simple
        return self.tenant.proportional(found) + files


def charged() -> int:
    """Bytes of the container that nothing can free but their owners, also where no process is seen to hold them; 0 where the
    kernel does not tell. Nothing but the one submission makes it grow."""
    with contextlib.suppress(OSError, ValueError):
        return _charged_2() if os.path.exists(f"{GROUPS}/memory.max") else _charged_1()
    return 0


def _charged_2() -> int:
    if not read(f"{GROUPS}/memory.max").strip().isdecimal():
        return 0
    now = _fields(f"{GROUPS}/memory.stat")
    kernel = now["kernel"] - now["slab_reclaimable"] if "kernel" in now else now["pagetables"] + now["sock"] + now["kernel_stack"]
    return now["anon"] + now["shmem"] + kernel


def _charged_1() -> int:
    if int(read(f"{GROUPS}/memory/memory.limit_in_bytes")) >= UNLIMITED:
        return 0
    now = _fields(f"{GROUPS}/memory/memory.stat")
    return now["rss"] + now["shmem"] + int(read(f"{GROUPS}/memory/memory.kmem.usage_in_bytes"))


def _fields(path: str) -> defaultdict[str, int]:
    return defaultdict(int, {name: int(value) for name, value in map(str.split, read(path).splitlines())})


def kills() -> int:
    """How often the kernel has killed a process of this container for want of memory; 0 where it does not tell."""
    for path in KILLS:
        with contextlib.suppress(OSError):
            return sum(int(line.split()[1]) for line in read(path).splitlines() if line.startswith("oom_kill "))
    return 0

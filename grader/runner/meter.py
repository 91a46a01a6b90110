"""Measures a tenant against the limits of its submission, from inside the container but as another user."""

import contextlib
from collections.abc import Mapping
from typing import Any

from grader.runner.processes import read, resident, threads
from grader.runner.tenant import Tenant, stored

KILLS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")  # of cgroups version 2, of version 1


class Meter:
    """Made before student code runs: what the tenant holds then is the baseline."""

    def __init__(self, tenant: Tenant, limits: Mapping[str, Any], defences: set[str]) -> None:
        self.tenant = tenant
        self.memory = limits["memory_bytes"] if "memory" in defences else None
        self.threads = limits["processes"] if "processes" in defences else None
        self.baseline = sum(map(resident, tenant.processes())) + stored()
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
        """Bytes on top of the baseline, files too. Counting what is shared only once is slow: only when it matters."""
        files = stored() - self.baseline
        simple = sum(map(resident, found)) + files
        if len(found) < 2 or simple <= self.memory:
            return simple
        return self.tenant.proportional(found) + files


def kills() -> int:
    """How often the kernel has killed a process of this container for want of memory; 0 where it does not tell."""
    for path in KILLS:
        with contextlib.suppress(OSError):
            return sum(int(line.split()[1]) for line in read(path).splitlines() if line.startswith("oom_kill "))
    return 0

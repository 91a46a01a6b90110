"""Looks at a box's processes from outside: how many there are and how much memory they hold. No cgroup is needed."""

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

from grader.runner.processes import proportional, read, resident, sockets, threads
from grader.sandbox.base import Ending, Limits

COUNT_AT_MOST = 4096
OOM_SCORE = 500  # where memory runs out on the machine, a sandbox ends before a worker does; a submission says 1000


class Watchdog:
    """Samples the processes below a box's init. The first sample, taken before student code runs, is the baseline."""

    def __init__(self, init: int, limits: Limits, *, memory: bool, processes: bool, network: bool) -> None:
        self.init = init
        self.limits = limits
        self.memory = memory
        self.processes = processes
        self.network = network  # whether its sockets are its own alone
        self.baseline = sum(resident(process) for process in descendants(init)) + self._unread()

    def sample(self) -> Ending | None:
        """The limit that is exceeded right now, if any."""
        found = list(descendants(self.init))
        if self.processes and sum(map(threads, found)) > self.limits.processes:
            return Ending.too_many_processes
        if self.memory and self._memory(found) > self.limits.memory_bytes:
            return Ending.out_of_memory
        return None

    def _memory(self, found: list[int]) -> int:
        """Bytes on top of the baseline. What processes share counts once, but reading that is slow: only when it matters."""
        around = self._unread() - self.baseline
        simple = sum(map(resident, found)) + around
        if len(found) < 2 or simple <= self.limits.memory_bytes:
            return simple
        return sum(map(proportional, found)) + around

    def _unread(self) -> int:
        """What its sockets may hold at most of bytes that nobody has read: no process is seen to hold those."""
        return sockets(self.init) * socket_bytes() if self.network else 0


@cache
def socket_bytes() -> int:
    """The buffer that no submission can enlarge, and as much again, as the last message may go beyond it."""
    return 2 * int(read("/proc/sys/net/core/wmem_default"))


def offer_first(process: int) -> None:
    """Have the kernel choose it and its forks before us. Where we hold CAP_SYS_RESOURCE, they can never ask for less again."""
    with suppress(OSError), open(f"/proc/{process}/oom_score_adj", "w") as file:
        file.write(str(OOM_SCORE))


def descendants(process: int) -> Iterator[int]:
    """Every process below this one; processes whose parent died belong to the init."""
    waiting, seen = _children(process), set()
    while waiting and len(seen) < COUNT_AT_MOST:
        child = waiting.pop()
        if child not in seen:
            seen.add(child)
            yield child
            waiting += _children(child)


def _children(process: int) -> list[int]:
    found = []
    with suppress(OSError):  # the process has just ended
        for thread in os.listdir(f"/proc/{process}/task"):
            found += [int(child) for child in read(f"/proc/{process}/task/{thread}/children").split()]
    return found

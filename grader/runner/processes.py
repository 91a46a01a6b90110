"""What /proc says about processes: how many threads, how much memory. Both the judge and the keeper read it."""

import os
from contextlib import suppress


def all_numbers() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def threads(process: int) -> int:
    return status(process, "Threads:")


def resident(process: int) -> int:
    """Anonymous and shared memory in bytes, without the pages of libraries."""
    return 1024 * (status(process, "RssAnon:") + status(process, "RssShmem:"))


def proportional(process: int) -> int:
    """The same with shared pages divided among those that share them; `resident` where the kernel does not tell."""
    with suppress(OSError):
        lines = read(f"/proc/{process}/smaps_rollup").splitlines()
        return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:")))
    return resident(process)


def belongs_to(process: int, uid: int) -> bool:
    """Whether any of its user numbers is `uid`; a process that has just ended belongs to nobody."""
    with suppress(OSError):
        for line in read(f"/proc/{process}/status").splitlines():
            if line.startswith("Uid:"):
                return str(uid) in line.split()[1:]
    return False


def status(process: int, field: str) -> int:
    with suppress(OSError):
        for line in read(f"/proc/{process}/status").splitlines():
            if line.startswith(field):
                return int(line.split()[1])
    return 0


def read(path: str) -> str:
    with open(path) as file:
        return file.read()

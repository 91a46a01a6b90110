"""What /proc says about processes: how many threads, how much memory. Both the judge and the keeper read it."""

import os
from contextlib import suppress

# Anonymous and shared memory, also what lies in swap or in huge pages, and the tables that say where: a page of tables for
# every 2 MiB of which one byte is read. Without the pages of libraries.
HELD = ("RssAnon:", "RssShmem:", "VmSwap:", "HugetlbPages:", "VmPTE:")
STATUS_BYTES = 1 << 14  # all of it, on machines of thousands of processors too
SHARED = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:", "Private_Hugetlb:", "Shared_Hugetlb:")


def all_numbers() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def threads(process: int) -> int:
    return status(process, "Threads:")


def resident(process: int) -> int:
    """What a process holds, in bytes."""
    return sizes(process, *HELD)


def proportional(process: int) -> int:
    """The same with shared pages divided among those that share them; `resident` where the kernel does not tell."""
    with suppress(OSError):
        lines = read(f"/proc/{process}/smaps_rollup").splitlines()
        shared = 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(SHARED))
        return shared + sizes(process, "VmPTE:")
    return resident(process)


def sockets(process: int) -> int:
    """How many there are in its network namespace, also those that are on their way inside of messages."""
    with suppress(OSError):
        return int(read(f"/proc/{process}/net/sockstat").splitlines()[0].split()[2])
    return 0


def sizes(process: int, *fields: str) -> int:
    """The sum of these fields of its status, in bytes; 0 if it has ended."""
    with suppress(OSError):
        return 1024 * sum(int(line.split()[1]) for line in status_lines(process) if line.startswith(fields))
    return 0


def belongs_to(process: int, uid: int) -> bool:
    """Whether any of its user numbers is `uid`; a process that has just ended belongs to nobody."""
    with suppress(OSError):
        for line in status_lines(process):
            if line.startswith("Uid:"):
                return str(uid) in line.split()[1:]
    return False


def status(process: int, field: str) -> int:
    with suppress(OSError):
        for line in status_lines(process):
            if line.startswith(field):
                return int(line.split()[1])
    return 0


def status_lines(process: int) -> list[str]:
    """Without the first: a name that the process chose, of which no copy may stay in what submissions are forked from."""
    room = bytearray(STATUS_BYTES)
    with open(f"/proc/{process}/status", "rb", buffering=0) as file:
        count = file.readinto(room)
    second = room.find(b"\n") + 1
    lines = room[second:count].decode().splitlines()
    room[:second] = bytes(second)
    return lines


def read(path: str) -> str:
    with open(path) as file:
        return file.read()

"""What counts as memory that a process holds."""

import mmap
import os

from grader.runner import processes

STEP = 2 << 20  # what one page of a page table describes
REACH = 32 << 30


def test_page_tables_are_memory() -> None:
    """One byte read in every 2 MiB: nothing else of the process grows, the tables by 64 MiB."""
    before = processes.resident(os.getpid())
    with mmap.mmap(-1, REACH, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ) as area:
        for place in range(0, REACH, STEP):
            area[place]
        after = processes.resident(os.getpid())
    assert after - before >= REACH // STEP * mmap.PAGESIZE


def test_a_process_that_has_ended_holds_nothing() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert processes.resident(child) == processes.proportional(child) == processes.sockets(child) == 0

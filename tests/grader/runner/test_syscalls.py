"""The tables against the kernel's own headers, where those are installed."""

import re
from pathlib import Path

import pytest

from grader.runner import syscalls
from grader.runner.syscalls import ALLOWED, CONDITIONAL, PREPARING, REFUSED, UNREADABLE

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
NEWEST = 450  # the last call of Linux 6.1
NEVER_BUILT = {
    "afs_syscall", "create_module", "epoll_ctl_old", "epoll_wait_old", "get_kernel_syms", "get_thread_area", "getpmsg",
    "putpmsg", "query_module", "security", "set_thread_area", "tuxcall", "vserver",
}  # fmt: skip
TABLES = [ALLOWED, {name: numbers for name, (numbers, _) in CONDITIONAL.items()}, UNREADABLE, PREPARING, REFUSED]


def header(machine: str) -> dict[str, int]:
    """Name to number as the kernel says."""
    if not HEADERS[machine].is_file():
        pytest.skip("needs the kernel's headers (linux-libc-dev)")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text())
    return {"newfstatat" if name == "fstatat" else name: int(number) for name, number in found if int(number) <= NEWEST}


def test_a_call_stands_in_one_table() -> None:
    names = [name for table in TABLES for name in table]
    assert len(names) == len(set(names)) > 300


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_a_number_stands_in_one_table(machine: str) -> None:
    numbers = [number for table in TABLES for number in syscalls.numbers_on(machine, table)]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("column", [0, 1], ids=syscalls.MACHINES)
def test_the_numbers_are_the_kernels(column: int) -> None:
    known = header(syscalls.MACHINES[column])
    ours = {name: numbers[column] for table in TABLES for name, numbers in table.items() if numbers[column] is not None}
    assert {name: number for name, number in ours.items() if known.get(name) != number} == {}


def test_every_call_of_the_kernel_is_decided_about() -> None:
    ours = {name for table in TABLES for name in table}
    assert set(header("x86_64")) - ours == NEVER_BUILT


@pytest.mark.parametrize("name", ["ptrace", "keyctl", "io_uring_setup", "bpf", "mount", "unshare", "memfd_create", "shmget"])
def test_what_no_exercise_needs_is_refused(name: str) -> None:
    assert name in REFUSED and name not in ALLOWED

"""The filter at work: a submission makes each refused call by its number and is told what the table says."""

import errno
import os
import platform
from collections.abc import Iterator
from typing import Any

import pytest

from grader.runner import syscalls
from grader.runner.kernel import Namespace
from grader.sandbox import defences
from grader.sandbox.base import BoxEnded, Ending, GraderFailure, Limits, Sandbox
from grader.sandbox.bubblewrap import BubblewrapSandbox
from grader.sandbox.defences import Defence
from grader.sandbox.options import Options

SOURCE = b"""
import ctypes, mmap, os

LIBC = ctypes.CDLL(None, use_errno=True)

def ask(*arguments):
    ctypes.set_errno(0)
    answer = LIBC.syscall(*[ctypes.c_long(argument) for argument in arguments])
    if answer == 0 and arguments[0] in (56, 220):
        os._exit(0)  # a clone that went through: this is the child
    return ctypes.get_errno() if answer == -1 else 0

def ask_all(calls):
    return [ask(*call) for call in calls]

def enter_by_the_old_door():
    code = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid of 32 bits); int 0x80; ret
    return ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
"""
INVALID = [-1] * 6  # so that a call which is let through fails rather than does something
MACHINE = platform.machine()
COLUMN = syscalls.MACHINES.index(MACHINE)
PASSED_BY_THE_KERNEL = (335, 336)  # uretprobe and uprobe of x86_64: newer kernels ask no filter about them

pytestmark = pytest.mark.sandbox


def opened(walls: frozenset[Defence]) -> Sandbox:
    sandbox = BubblewrapSandbox(walls=walls, options=Options(pool=1))
    try:
        sandbox.warm()
    except GraderFailure as failure:
        if "sandbox" in os.environ.get("GRADUS_REQUIRE", ""):
            raise
        pytest.skip(f"needs bubblewrap: {failure}")
    return sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = opened(defences.ALL)
    yield sandbox
    sandbox.close()


def call(sandbox: Sandbox, name: str, *arguments: Any) -> Any:
    with sandbox.open(Limits()) as box:
        box.request("load", {"files": {"solution.py": SOURCE}, "module": "solution"}, seconds=10)
        return box.request("call", {"target": name, "args": list(arguments)}, seconds=10)["value"]


def refused() -> dict[str, int]:
    tables = {**syscalls.REFUSED, **syscalls.PREPARING}
    return {name: numbers[COLUMN] for name, numbers in tables.items() if numbers[COLUMN] is not None}


def answers(sandbox: Sandbox, numbers: dict[str, int]) -> dict[str, int]:
    given = call(sandbox, "ask_all", [[number, *INVALID] for number in numbers.values()])
    return dict(zip(numbers, given, strict=True))


def test_every_refused_call_is_refused(sandbox: Sandbox) -> None:
    assert answers(sandbox, refused()) == dict.fromkeys(refused(), errno.EPERM)


def test_without_the_filter_the_kernel_would_have_looked_at_them() -> None:
    sandbox = opened(defences.ALL - {Defence.seccomp})
    try:
        looked_at = {name: answer for name, answer in answers(sandbox, refused()).items() if answer != errno.EPERM}
    finally:
        sandbox.close()
    assert len(looked_at) > 50 and {"ptrace", "unshare", "shmget", "splice"} <= looked_at.keys()


def test_a_call_that_no_table_knows_does_not_exist(sandbox: Sandbox) -> None:
    known = {
        *syscalls.numbers_on(MACHINE, {**syscalls.ALLOWED, **syscalls.REFUSED, **syscalls.PREPARING}),
        *(numbers[COLUMN] for numbers, _ in syscalls.CONDITIONAL.values()),
        *PASSED_BY_THE_KERNEL,
    }
    unknown = {str(number): number for number in range(600) if number not in known}
    assert len(unknown) > 200 and answers(sandbox, unknown) == dict.fromkeys(unknown, errno.ENOSYS)


@pytest.mark.parametrize("name", syscalls.FAMILIES)
def test_no_socket_but_a_local_one(sandbox: Sandbox, name: str) -> None:
    number = syscalls.CONDITIONAL[name][0][COLUMN]
    families = [family for family in range(48) if family != syscalls.AF_UNIX]
    given = call(sandbox, "ask_all", [[number, family, 1, 0, 0] for family in families])
    assert given == [errno.EPERM] * len(families)


def test_no_namespace_by_any_flag_of_clone(sandbox: Sandbox) -> None:
    clone = syscalls.CONDITIONAL["clone"][0][COLUMN]
    flags = [*(int(namespace) | 17 for namespace in Namespace), 0x80, 0x80 | 17]
    assert call(sandbox, "ask_all", [[clone, flag, 0, 0, 0, 0] for flag in flags]) == [errno.EPERM] * len(flags)


def test_a_personality_cannot_be_changed(sandbox: Sandbox) -> None:
    number = syscalls.CONDITIONAL["personality"][0][COLUMN]
    assert call(sandbox, "ask_all", [[number, 0x0040000], [number, 0xFFFFFFFF]]) == [errno.EPERM, 0]


@pytest.mark.skipif(MACHINE != "x86_64", reason="only x86_64 has a second numbering and an older architecture")
def test_the_second_numbering_of_x86_is_refused(sandbox: Sandbox) -> None:
    numbers = {str(number): 0x40000000 + number for number in (0, 39, 101, 520, 521)}
    assert answers(sandbox, numbers) == dict.fromkeys(numbers, errno.EPERM)


@pytest.mark.skipif(MACHINE != "x86_64", reason="only x86_64 has a second numbering and an older architecture")
def test_a_call_of_the_older_architecture_ends_the_process(sandbox: Sandbox) -> None:
    with pytest.raises(BoxEnded) as ended:
        call(sandbox, "enter_by_the_old_door")
    assert ended.value.ending == Ending.crashed
    assert ended.value.detail in ("SIGSYS", "SIGSEGV")  # the second: a kernel that has no such door

"""The filter, interpreted for both architectures: what it says about every number and every argument that matters."""

import errno
import struct

import pytest

from grader.runner import syscalls
from grader.runner.kernel import Namespace
from grader.runner.seccomp import ALLOW, ARCHITECTURES, FAIL, KILL, RETURN, X32_BIT, program

EPERM, ENOSYS = FAIL | errno.EPERM, FAIL | errno.ENOSYS
BEYOND = 500  # further than any call has a number today


def run(code: bytes, machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the program says about a system call: a tiny interpreter of the instructions it uses."""
    values = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *values)
    instructions, place, accumulator = list(struct.iter_unpack("=HBBI", code)), 0, 0
    while True:
        operation, yes, no, value = instructions[place]
        place += 1
        if operation == RETURN:
            return value
        if operation == 0x20:
            accumulator = struct.unpack_from("=I", data, value)[0]
            continue
        if operation == 0x54:
            accumulator &= value
            continue
        true = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[operation]
        place += yes if true else no


def number_of(machine: str, name: str) -> int:
    return syscalls.CONDITIONAL[name][0][syscalls.MACHINES.index(machine)]


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_every_number_is_answered_as_its_table_says(machine: str) -> None:
    code = program(machine)
    expected = dict.fromkeys(range(BEYOND), ENOSYS)
    expected |= dict.fromkeys(syscalls.numbers_on(machine, syscalls.ALLOWED), ALLOW)
    expected |= dict.fromkeys(syscalls.numbers_on(machine, {**syscalls.REFUSED, **syscalls.PREPARING}), EPERM)
    for name in syscalls.CONDITIONAL:
        del expected[number_of(machine, name)]
    assert {number: run(code, machine, number) for number in expected} == expected


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_the_clone_that_hides_its_flags_is_unknown(machine: str) -> None:
    assert run(program(machine), machine, 435) == ENOSYS  # the C library falls back to clone


@pytest.mark.parametrize("machine", syscalls.MACHINES)
@pytest.mark.parametrize("namespace", [*Namespace, 0x80])
def test_no_clone_makes_a_namespace(machine: str, namespace: int) -> None:
    code, clone = program(machine), number_of(machine, "clone")
    threads, process = 0x3D0F00, 0x1200011
    assert run(code, machine, clone, threads) == run(code, machine, clone, process) == ALLOW
    assert run(code, machine, clone, int(namespace) | process) == EPERM


@pytest.mark.parametrize("machine", syscalls.MACHINES)
@pytest.mark.parametrize("call", syscalls.FAMILIES)
def test_a_socket_reaches_no_further_than_the_machine_it_is_on(machine: str, call: str) -> None:
    code, number = program(machine), number_of(machine, call)
    assert [family for family in range(64) if run(code, machine, number, family) == ALLOW] == [syscalls.AF_UNIX]
    assert run(program(machine, syscalls.FAMILIES), machine, number, 2) == ALLOW


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_a_personality_may_be_asked_for_but_not_changed(machine: str) -> None:
    code, number = program(machine), number_of(machine, "personality")
    assert run(code, machine, number, 0xFFFFFFFF) == ALLOW
    assert run(code, machine, number, 0) == run(code, machine, number, 0x0040000) == EPERM


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_no_memory_is_both_shared_and_nobodys(machine: str) -> None:
    """Dropped from every page table, it would stay allocated, and no process would be seen to hold it."""
    code, number = program(machine), number_of(machine, "mmap")
    shared, private, validated, anonymous, fixed = 0x01, 0x02, 0x03, 0x20, 0x10
    fine = (private | anonymous, private | anonymous | fixed, shared, validated, private, 0)
    assert {run(code, machine, number, 0, 4096, 3, flags) for flags in fine} == {ALLOW}
    wrong = (shared | anonymous, validated | anonymous, shared | anonymous | fixed, shared | anonymous | 0x40000)
    assert {run(code, machine, number, 0, 4096, 3, flags) for flags in wrong} == {EPERM}
    assert run(program(machine, syscalls.MAPPINGS), machine, number, 0, 4096, 3, shared | anonymous) == ALLOW


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_a_sockets_buffer_stays_as_small_as_it_is_counted(machine: str) -> None:
    code, number = program(machine), number_of(machine, "setsockopt")
    assert [option for option in range(64) if run(code, machine, number, 5, 1, option) == EPERM] == [7]


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_nobody_is_told_of_events_in_a_folder(machine: str) -> None:
    """Folders of libraries are shared by all: the kernel would tell one submission what another one opens."""
    code, number = program(machine), number_of(machine, "fcntl")
    assert [command for command in range(1100) if run(code, machine, number, 5, command) == EPERM] == [1026]


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_another_architecture_is_killed(machine: str) -> None:
    foreign = {*ARCHITECTURES.values(), 0x40000003, 0x40000028} - {ARCHITECTURES[machine]}
    assert {run(program(machine), machine, 1, architecture=architecture) for architecture in foreign} == {KILL}


def test_the_second_numbering_of_x86_is_refused() -> None:
    assert {run(program("x86_64"), "x86_64", X32_BIT + number) for number in range(600)} == {EPERM}


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_the_answer_is_near(machine: str) -> None:
    """No way through the program is longer than a dozen instructions; a list would be hundreds."""
    code = list(struct.iter_unpack("=HBBI", program(machine)))
    assert len(code) < 4096 and _longest(code, 0) <= 15


def _longest(code: list[tuple[int, int, int, int]], place: int) -> int:
    operation, yes, no, _ = code[place]
    return 1 if operation == RETURN else 1 + max(_longest(code, place + 1 + jump) for jump in {yes, no})

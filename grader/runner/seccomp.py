"""The last wall: from just before the student's code runs, the kernel answers only the calls of grader/runner/syscalls.py."""

import ctypes
import errno
import platform
import struct
from functools import cache

from grader.runner import syscalls
from grader.runner.kernel import LIBC, check
from grader.runner.syscalls import Argument, numbers_on

SET_MODE_FILTER = 1
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, AND, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

Code = tuple[bytes, ...]


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


ALLOWING: Code = (instruction(RETURN, ALLOW),)
REFUSING: Code = (instruction(RETURN, FAIL | errno.EPERM),)
UNKNOWN: Code = (instruction(RETURN, FAIL | errno.ENOSYS),)  # the C library then does without


@cache
def program(machine: str, opened: tuple[str, ...] = ()) -> bytes:
    """The filter's instructions for one architecture; calls in `opened` are allowed all the same."""
    ranges = _ranges(_verdicts(machine, opened))
    if machine == "x86_64":
        ranges.append((X32_BIT, REFUSING))
    code = [instruction(LOAD, ARCHITECTURE), instruction(EQUAL, ARCHITECTURES[machine], 1), instruction(RETURN, KILL)]
    return b"".join([*code, instruction(LOAD, NUMBER), *_search(ranges)])


def _verdicts(machine: str, opened: tuple[str, ...]) -> dict[int, Code]:
    """What is done about each system call that the tables know, by number."""
    verdicts = dict.fromkeys(numbers_on(machine, syscalls.ALLOWED), ALLOWING)
    verdicts |= dict.fromkeys(numbers_on(machine, {**syscalls.REFUSED, **syscalls.PREPARING}), REFUSING)
    conditional = {name: numbers for name, (numbers, _) in syscalls.CONDITIONAL.items()}
    for name, (_, argument) in syscalls.CONDITIONAL.items():
        verdicts |= dict.fromkeys(numbers_on(machine, {name: conditional[name]}), _if_argument(argument))
    known = {**conditional, **syscalls.PREPARING}
    return verdicts | dict.fromkeys(numbers_on(machine, {name: known[name] for name in opened}), ALLOWING)


def _if_argument(argument: Argument) -> Code:
    """Allow the call if its argument is as it should be. The kernel reads only the lower half of these arguments."""
    load = instruction(LOAD, ARGUMENTS + 8 * argument.index)
    if argument.equal is not None:
        return (load, instruction(EQUAL, argument.equal, 0, 1), *ALLOWING, *REFUSING)
    if argument.other_than is not None:
        return (load, instruction(EQUAL, argument.other_than, 1, 0), *ALLOWING, *REFUSING)
    if argument.not_all:
        both = argument.not_all
        return (load, instruction(AND, both), instruction(EQUAL, both, 1, 0), *ALLOWING, *REFUSING)
    return (load, instruction(ANY_BIT, argument.without, 1, 0), *ALLOWING, *REFUSING)


def _ranges(verdicts: dict[int, Code]) -> list[tuple[int, Code]]:
    """(first number, verdict) of every range of numbers that share one, from 0 upwards."""
    ranges = [(0, verdicts.get(0, UNKNOWN))]
    for number in range(1, max(verdicts) + 2):
        verdict = verdicts.get(number, UNKNOWN)
        if verdict != ranges[-1][1]:
            ranges.append((number, verdict))
    return ranges


def _search(ranges: list[tuple[int, Code]]) -> list[bytes]:
    """A binary search for the range that holds the number: seven comparisons rather than one for every call."""
    if len(ranges) == 1:
        return list(ranges[0][1])
    middle = len(ranges) // 2
    below, above = _search(ranges[:middle]), _search(ranges[middle:])
    return [instruction(AT_LEAST, ranges[middle][0], len(below), 0), *below, *above]  # a jump goes 255 instructions at most


def install(opened: tuple[str, ...] = ()) -> None:
    """Filter this process and all that it starts, for good. Needs no-new-privileges."""
    machine = platform.machine()
    code = program(machine, opened)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    (number,) = numbers_on(machine, {"seccomp": syscalls.PREPARING["seccomp"]})
    check(LIBC.syscall(ctypes.c_long(number), ctypes.c_ulong(SET_MODE_FILTER), ctypes.c_ulong(0), header), "seccomp")

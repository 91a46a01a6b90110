"""Our list of system calls as Docker reads it: what a container may ask of the kernel before any filter of the student's own."""

import errno
from collections.abc import Iterable
from typing import Any

from grader.runner import syscalls
from grader.runner.syscalls import Argument

ALLOW, REFUSE = "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"
ARCHITECTURES = ("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64")  # without the older ones below them: x86, x32 and arm


def docker_profile() -> dict[str, Any]:
    """For `--security-opt seccomp=`. What it does not name is refused with EPERM; a call newer than all of it, with ENOSYS."""
    return {
        "defaultAction": REFUSE,
        "defaultErrnoRet": errno.EPERM,
        "archMap": [{"architecture": name, "subArchitectures": []} for name in ARCHITECTURES],
        "syscalls": [
            _rule(syscalls.ALLOWED),
            _rule(syscalls.PREPARING),
            *(_rule([name], *_conditions(argument)) for name, (_, argument) in syscalls.CONDITIONAL.items()),
            _rule(syscalls.UNREADABLE) | {"action": REFUSE, "errnoRet": errno.ENOSYS},
        ],
    }


def _rule(names: Iterable[str], *arguments: dict[str, Any]) -> dict[str, Any]:
    return {"names": sorted(names), "action": ALLOW, "args": list(arguments)}


def _conditions(argument: Argument) -> list[dict[str, Any]]:
    """Masked comparison: the bits of `value` must come out as `valueTwo`. `not_all` is left to the student's own filter."""
    if argument.not_all:
        return []
    if argument.other_than is not None:
        return [{"index": argument.index, "value": argument.other_than, "valueTwo": 0, "op": "SCMP_CMP_NE"}]
    if argument.equal is not None:
        return [{"index": argument.index, "value": argument.equal, "valueTwo": 0, "op": "SCMP_CMP_EQ"}]
    return [{"index": argument.index, "value": argument.without, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]

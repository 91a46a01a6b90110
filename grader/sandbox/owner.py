"""Who wants a container or a folder: the name of a process that no other process ever has, and whether it still lives."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

PROC = Path("/proc")
PREFIX, NOTE = "gradus-", ".owner"
LASTING = Path("/var/tmp")


@cache
def _of(pid: int) -> str:
    return f"{machine()}:{pid}:{started(pid)}"


def this_process() -> str:
    """`<boot id>/<process namespace>:<number>:<start>`: numbers are reused, and mean something else in another namespace."""
    return _of(os.getpid())


def is_gone(owner: str) -> bool:
    """Whether the process certainly lives no more. Of another machine's processes we know nothing."""
    try:
        place, pid, start = owner.rsplit(":", 2)
        return place == machine() and started(int(pid)) != start
    except ValueError:  # not ours to judge
        return False


def machine() -> str:
    """This boot of this machine, as this namespace of processes sees it."""
    boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}/{os.stat(PROC / 'self/ns/pid').st_ino}"


def started(pid: int) -> str | None:
    """When the process began, in ticks since boot; None if there is none, or only what its parent has yet to reap."""
    try:
        state, *fields = (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in "ZX" else fields[18]


def places() -> list[Path]:
    """Where our temporary folders are made, and looked for by the reaper."""
    return list(dict.fromkeys([Path(tempfile.gettempdir()), LASTING]))


@contextmanager
def temporary_folder(purpose: str, place: Path | None = None) -> Iterator[Path]:
    """A folder for as long as the block lasts. If this process is killed meanwhile, the reaper knows whose it was.

    place: one of `places()`, by default the first.
    """
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{purpose}-", dir=place) as folder:
        (Path(folder) / NOTE).write_text(this_process(), encoding="ascii")
        yield Path(folder)

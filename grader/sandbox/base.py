"""What every sandbox promises: `with sandbox.open(limits) as box` gives one submission a place of its own.

A box carries requests in and plain values out. Nothing that comes out of it is a score.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from pydantic import Field

from grader.protocol import Plain


class Isolation(StrEnum):
    fork = "fork"  # a warm process forks one child per submission
    fresh = "fresh"  # one whole sandbox per submission, warmed ahead in a pool


class Limits(Plain):
    """What one submission may use. Exceeding a limit ends the box with the outcome of the same name."""

    wall_s: float = Field(60.0, gt=0)  # all student code of one submission together
    check_s: float = Field(5.0, gt=0)  # one check, unless the check states its own
    import_s: float = Field(10.0, gt=0)  # importing the student's file
    memory_bytes: int = Field(1 << 30, gt=0)  # on top of what torch itself holds when the box opens
    processes: int = Field(32, gt=0)  # processes and threads
    open_files: int = Field(256, gt=0)
    file_bytes: int = Field(32 << 20, ge=0)
    tmp_bytes: int = Field(64 << 20, ge=0)
    tmp_inodes: int = Field(4096, gt=0)
    output_bytes: int = Field(1 << 20, ge=0)  # stdout and stderr together
    reply_bytes: int = Field(64 << 20, gt=0)  # one answer frame
    gpu_memory_bytes: int | None = Field(None, gt=0)  # on top of what CUDA itself holds when the box opens; None: all there is


class Ending(StrEnum):
    """Why a box ended before it was closed, in one word."""

    timed_out = "timed_out"
    out_of_memory = "out_of_memory"
    too_many_processes = "too_many_processes"
    too_much_output = "too_much_output"
    crashed = "crashed"  # a signal: segmentation fault, abort
    exited = "exited"  # os._exit, sys.exit past the harness
    protocol_error = "protocol_error"  # bytes that are no frame, or more than reply_bytes


class BoxEnded(Exception):
    """The student's process is gone; the box answers no more."""

    def __init__(self, ending: Ending, detail: str = "") -> None:
        super().__init__(f"{ending}: {detail}" if detail else str(ending))
        self.ending = ending
        self.detail = detail


class GraderFailure(Exception):
    """Ours: the sandbox could not be started or was lost. Never costs a point."""


class Points(NamedTuple):
    """What student code logged under one name: a value for each step. In any order; a value may be nan or infinite."""

    steps: Sequence[int]
    values: Sequence[float]


Note = Mapping[str, Points]  # checked for form and size, and still only what somebody says
Listener = Callable[[Note], None]


def ignore(note: Note) -> None:
    """Where nobody draws."""


class Box(Protocol):
    """One submission inside the sandbox."""

    listener: Listener  # hears what the student's code logs, while a request waits for its reply

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        """Send one request, wait at most `seconds` for its reply.

        Values are None, bool, int, float, str, bytes, list, tuple, dict with str keys, torch.Tensor and
        `grader.runner.wire.Handle`. The reply holds either the op's fields or "error" (see docs/architecture.md).
        Raises BoxEnded when the process ended or had to be killed; GraderFailure when the fault is ours.
        """
        ...

    def output(self) -> str:
        """What the student's code printed so far (stdout and stderr), cut at output_bytes."""
        ...

    @property
    def student_seconds(self) -> float:
        """Wall time spent waiting for replies, measured outside the sandbox."""
        ...


class Sandbox(Protocol):
    name: str  # "bubblewrap", "docker", "fake"
    isolation: Isolation

    def open(self, limits: Limits) -> AbstractContextManager[Box]:
        """A box for one submission; leaving the block kills every process in it and removes its files."""
        ...

    def warm(self) -> None:
        """Start ahead, so that the next `open` is fast. Idempotent."""
        ...

    def close(self) -> None: ...

"""What a box needs of the way to its child, whatever lies between: bytes both ways, and how it ended."""

from typing import NamedTuple, Protocol

from grader.sandbox.base import Ending, Limits


class HungUp(Exception):
    """The child's end of the channel is closed."""


class Heard(NamedTuple):
    """What can be read without waiting."""

    reply: bool
    print: bool


class Spent(NamedTuple):
    """What the child had for its last request, and how much of it passed until the last byte of its answer, if there was one."""

    had_s: float
    answered_s: float | None


class Link(Protocol):
    """The judge's end. Raises GraderFailure where what lies between is lost: that is never the student's fault."""

    def watch(self, limits: Limits) -> None:
        """From now on these limits count; what the child holds now is not held against it."""
        ...

    def send(self, data: memoryview) -> memoryview:
        """Send what fits now and return the rest. Raises HungUp."""
        ...

    def wait(self, until: float, *, writing: bool = False) -> Heard:
        """Sleep until there is something to read, room to write when `writing`, or that much time on the clock."""
        ...

    def receive(self, at_most: int) -> bytes:
        """Bytes of a reply; none where there are none now. Raises HungUp."""
        ...

    def printed(self) -> bytes:
        """What has been printed since the last time; none where there is nothing now."""
        ...

    def exceeded(self) -> Ending | None:
        """The limit of `watch` that was found exceeded."""
        ...

    def how_it_ended(self) -> tuple[Ending, str] | None:
        """How its process ended; None if it has not, after a short wait."""
        ...

    def kill(self) -> None:
        """Have every process of the submission killed. Quiet where that is done already."""
        ...

    def confirm(self) -> "Spent | None":
        """After `kill`: how long the child had by the clock on its side of what lies between; None if nothing does.

        Raises GraderFailure if nobody says that it is done, as then the silence before was not the student's.
        """
        ...

    def close(self) -> None:
        """Give up this end. Idempotent."""
        ...

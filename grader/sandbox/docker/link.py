"""The link to a child of a container's keeper: everything goes through the container's one stream."""

import json
import os
import signal
import time
from contextlib import suppress
from typing import Any

from grader.runner.chunks import CHUNK_BYTES, Kind
from grader.sandbox.base import Ending, GraderFailure, Limits
from grader.sandbox.docker.stream import Stream
from grader.sandbox.link import Heard, HungUp, Spent

SILENCE_S = 1.0
CONFIRM_S = 3.0


class ContainerLink:
    """Only one is open at a time; it reads the stream whenever its box waits."""

    def __init__(self, stream: Stream, number: int) -> None:
        self.number = number
        self._stream = stream
        self._reply, self._printed = bytearray(), bytearray()
        self._is_closed = False  # the child's end of the channel
        self._exceeded: Ending | None = None
        self._output_bytes = 0  # the limit, once there is one
        self._status: int | None = None
        self._spent = Spent(0.0, None)
        self._left: dict[str, Any] | None = None

    def watch(self, limits: Limits) -> None:
        self._output_bytes = limits.output_bytes
        self._stream.send(Kind.watch, self.number, limits.model_dump_json().encode())

    def send(self, data: memoryview) -> memoryview:
        while data and self._stream.send(Kind.request, self.number, data[:CHUNK_BYTES]):
            data = data[CHUNK_BYTES:]
        return data

    def wait(self, until: float, *, writing: bool = False) -> Heard:
        for kind, number, data in self._stream.wait(until, writing=writing):
            if number == self.number:
                self._hear(kind, data)
        return Heard(bool(self._reply) or self._is_closed, bool(self._printed))

    def receive(self, at_most: int) -> bytes:
        data = bytes(self._reply[:at_most])
        del self._reply[:at_most]
        if not data and self._is_closed:
            raise HungUp
        return data

    def printed(self) -> bytes:
        data = bytes(self._printed)
        self._printed.clear()
        return data

    def exceeded(self) -> Ending | None:
        return self._exceeded

    def how_it_ended(self) -> tuple[Ending, str] | None:
        """Waits a moment: the keeper says so after everything that the child has said itself."""
        deadline = time.monotonic() + SILENCE_S
        while self._status is None and time.monotonic() < deadline:
            self._wait_for_the_end(deadline)
        if self._status is None:
            return None
        if os.WIFSIGNALED(self._status):
            return Ending.crashed, signal.Signals(os.WTERMSIG(self._status)).name
        return Ending.exited, f"exit code {os.WEXITSTATUS(self._status)}"

    def kill(self) -> None:
        with suppress(GraderFailure):  # a lost container has killed it already
            self._stream.send(Kind.kill, self.number)

    def confirm(self) -> Spent:
        """A program that hangs does not keep the keeper from reporting its end; an engine that stands still does."""
        deadline = time.monotonic() + CONFIRM_S
        while self._status is None and time.monotonic() < deadline:
            self.wait(deadline)  # what it answered comes first, no more than the pipes held when it was killed
        if self._status is None:
            raise GraderFailure(f"the container has not answered for {CONFIRM_S:g} s; is the Docker engine standing still?")
        return self._spent

    def _wait_for_the_end(self, until: float) -> None:
        """Nobody reads a reply any more, and of what is printed no more than the limit and one byte, by which it is seen."""
        self.wait(until)
        self._reply.clear()
        del self._printed[self._output_bytes + 1 :]

    def close(self) -> None:
        """The stream is the host's."""

    def finish(self, until: float) -> None:
        """Have the keeper kill, clean up and look. Raises GraderFailure if anything stays or no answer comes."""
        while not self._stream.send(Kind.finish, self.number) and time.monotonic() < until:
            self.wait(until, writing=True)
        while self._left is None and time.monotonic() < until:
            self.wait(until)
            self._reply.clear()
            self._printed.clear()
        if self._left is None:
            raise GraderFailure("the container does not answer")
        if self._left.get("left", "") is not None:
            raise GraderFailure(f"something was left in the container: {self._left.get('left')}")

    def _hear(self, kind: Kind, data: bytes) -> None:
        try:
            self._note(kind, data)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise self._stream.lost() from error

    def _note(self, kind: Kind, data: bytes) -> None:
        match kind:
            case Kind.reply:
                self._reply += data
                self._is_closed |= not data
            case Kind.output:
                self._printed += data
            case Kind.exceeded:
                self._exceeded = Ending(json.loads(data)["limit"])
            case Kind.ended:
                told = json.loads(data)
                self._spent = Spent(told["had_s"], told["answered_s"])
                self._status, self._is_closed = int(told["status"]), True
            case Kind.finished:
                self._left = dict(json.loads(data))

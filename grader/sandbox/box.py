"""One submission inside a sandbox: frames in, frames out, limits watched from outside."""

import math
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

from grader.runner.wire import WireError, encode
from grader.sandbox.base import BoxEnded, Ending, GraderFailure, Limits, Listener, ignore
from grader.sandbox.defences import Defence
from grader.sandbox.exchange import Reply
from grader.sandbox.link import HungUp, Link, Spent
from grader.sandbox.notes import Notes
from grader.sandbox.replies import check_reply

BIRTH_S = 20.0
FOREVER_S = 86400.0
ANY_BYTES = 1 << 40
FAIR_FRACTION = 0.8  # of its time: who had less by the clock on its side was not late


class LinkedBox:
    """Speaks with a child over a link. The child is the student's: whatever it sends is only an answer."""

    def __init__(self, link: Link, limits: Limits, defences: frozenset[Defence]) -> None:
        self.limits = limits
        self.listener: Listener = ignore
        self.student_seconds = 0.0
        self.ending: Ending | None = None
        self._detail = ""
        self._allowed_s = BIRTH_S
        self._known: Ending | None = None  # why it was killed from another thread
        self._defences = defences
        self._link = link
        self._printed = bytearray()
        self._begin()

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        """See grader.sandbox.base.Box."""
        if self.ending is not None:
            raise BoxEnded(self.ending, self._detail)
        frame = encode({"op": op, "payload": dict(payload)})
        if self._link.wait(0.0).reply:
            self._end_silent("bytes that nobody asked for")
        started = time.monotonic()
        self._allowed_s = seconds if Defence.time in self._defences else FOREVER_S
        deadline = started + self._allowed_s
        try:
            reply = self._exchange(memoryview(frame), deadline, self._new_reply())
            if Defence.replies in self._defences:
                check_reply(op, reply)
        except WireError as error:
            self._end(Ending.protocol_error, str(error))
        finally:
            self.student_seconds += time.monotonic() - started
        if reply.get("limit") == Ending.too_many_processes and Defence.processes in self._defences:
            self._end(Ending.too_many_processes, "the kernel refused another process")
        return reply

    def output(self) -> str:
        """What was printed so far, without characters that a database refuses."""
        if self.ending is None:
            self._link.wait(0.0)
            self._read_output()
        printed = bytes(self._printed[: self.limits.output_bytes])
        return printed.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")

    def close(self) -> None:
        """Have every process of the submission killed; who opened the box sees to it that this is done."""
        self.ending = self.ending or Ending.exited
        self._link.kill()

    def kill(self, ending: Ending | None = None) -> None:
        """Have it killed from another thread, which may know why; the request that is going on finds its end."""
        self._known = ending
        self._link.kill()
        self.ending = self.ending or ending

    def _begin(self) -> None:
        """Hand over the limits; the child answers when they are in force. No student code has run so far: failing is ours."""
        try:
            frame = encode({"limits": self.limits.model_dump()})
            reply = self._exchange(memoryview(frame), time.monotonic() + BIRTH_S, Reply(ANY_BYTES))
        except BoxEnded as error:
            raise GraderFailure(f"the child could not begin: {error} {self.output()[-1500:]}".strip()) from error
        if reply != {"ready": True}:
            raise GraderFailure("the child began with something else than it should")
        self._link.watch(self.limits)

    def _new_reply(self) -> Reply:
        limit = self.limits.reply_bytes if Defence.replies in self._defences else ANY_BYTES
        return Reply(limit, Notes(self.listener).take)

    def _exchange(self, outgoing: memoryview, deadline: float, reply: Reply) -> dict[str, Any]:
        """Send the rest of a frame and collect the reply, while output is drained and limits are watched."""
        try:
            while True:
                outgoing = self._link.send(outgoing) if outgoing else outgoing
                heard = self._link.wait(deadline, writing=bool(outgoing))
                if heard.print:
                    self._read_output()
                if heard.reply and (message := self._collect(reply, deadline)) is not None:
                    return message
                if time.monotonic() >= deadline:
                    self._end_late(reply)
                if (limit := self._link.exceeded()) is not None:
                    self._end(limit)
        except HungUp:
            self._end_silent("it hung up")

    def _collect(self, reply: Reply, deadline: float) -> dict[str, Any] | None:
        """Read what is there until it is whole or late: who goes on writing, notes say, gains no time by it."""
        while data := self._link.receive(reply.missing):
            if (message := reply.add(data)) is not None:
                return message
            if time.monotonic() >= deadline:
                return None
        return None

    def _read_output(self) -> None:
        """Keep what was printed up to the limit; more than that ends the box."""
        while data := self._link.printed():
            self._printed += data
            if self._has_printed_too_much():
                del self._printed[self.limits.output_bytes + 1 :]
                if self.ending is None:
                    self._end(Ending.too_much_output)
                return

    def _has_printed_too_much(self) -> bool:
        return Defence.output in self._defences and len(self._printed) > self.limits.output_bytes

    def _end_silent(self, what: str) -> NoReturn:
        """The channel was closed or misused: say how the process ended, or end it for breaking the protocol."""
        if self._known is not None:
            self._end(self._known)
        ended = self._link.how_it_ended()
        if (limit := self._link.exceeded()) is not None:
            self._end(limit)
        self._end(*(ended or (Ending.protocol_error, what)))

    def _end_late(self, reply: Reply) -> NoReturn:
        """Its time is over by our clock. Where an engine lies between, it may have stood still: then the delay was ours."""
        self._link.kill()
        spent = self._link.confirm()
        if spent is not None and self._took(spent, reply) < FAIR_FRACTION * self._allowed_s:
            raise GraderFailure(f"an answer was {self._allowed_s:g} s late on its way; is the Docker engine standing still?")
        self._end(Ending.timed_out)

    def _took(self, spent: Spent, reply: Reply) -> float:
        """Half an answer is none, however late its last byte came."""
        with suppress(HungUp, WireError):
            if spent.answered_s is not None and self._collect(reply, math.inf) is not None:
                return spent.answered_s
        return spent.had_s

    def _end(self, ending: Ending, detail: str = "") -> NoReturn:
        """Kill what is left and keep what it printed until then."""
        self.ending, self._detail = ending, detail
        self._link.kill()
        with suppress(BoxEnded):
            self._read_output()
        raise BoxEnded(ending, detail)

"""A sandbox without walls for unit tests: the same dispatcher over the same frames, in this very process."""

import contextlib
import io
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from grader.runner.dispatcher import Dispatcher
from grader.runner.wire import NOTE_BYTES, NOTE_MAGIC, decode, encode
from grader.sandbox.base import Box, BoxEnded, Ending, Isolation, Limits, Listener, ignore
from grader.sandbox.notes import read_note
from grader.sandbox.replies import check_reply


class FakeBox:
    """Runs requests here. It cannot interrupt student code: it only notices afterwards that it was too slow."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.student_seconds = 0.0
        self.ending: Ending | None = None
        self.listener: Listener = ignore
        self._notes: list[bytes] = []
        self._dispatcher = Dispatcher(send=self._notes.append)
        self._printed = io.StringIO()

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        if self.ending is not None:
            raise BoxEnded(self.ending)
        frame = encode({"op": op, "payload": dict(payload)})
        started = time.monotonic()
        with contextlib.redirect_stdout(self._printed), contextlib.redirect_stderr(self._printed):
            answer = self._dispatcher.answer(frame)
        elapsed = time.monotonic() - started
        self.student_seconds += elapsed
        self._hand_notes_on()
        self._check(len(answer), elapsed, seconds)
        reply = decode(answer)
        check_reply(op, reply)
        return reply

    def output(self) -> str:
        return self._printed.getvalue()[: self.limits.output_bytes]

    def close(self) -> None:
        self._dispatcher.close()
        self.ending = Ending.exited

    def _hand_notes_on(self) -> None:
        """Only now: the listener may raise what the student's code must not catch."""
        while self._notes:
            self.listener(read_note(decode(self._notes.pop(0), limit=NOTE_BYTES, magic=NOTE_MAGIC)))

    def _check(self, size: int, elapsed: float, seconds: float) -> None:
        if elapsed > seconds:
            self._end(Ending.timed_out)
        if size > self.limits.reply_bytes:
            self._end(Ending.protocol_error)
        if self._printed.tell() > self.limits.output_bytes:
            self._end(Ending.too_much_output)

    def _end(self, ending: Ending) -> None:
        self.ending = ending
        raise BoxEnded(ending)


class FakeSandbox:
    """For tests of what sits on top of a sandbox. Never give it code that you have not written."""

    name = "fake"

    def __init__(self, isolation: Isolation = Isolation.fork) -> None:
        self.isolation = isolation

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Box]:
        box = FakeBox(limits)
        try:
            yield box
        finally:
            box.close()

    def warm(self) -> None:
        """Nothing to start: this process has torch already."""

    def close(self) -> None:
        """Nothing to stop."""

"""Process 1 of a container: imports torch once, forks a child per submission, relays its bytes unread, cleans up after it.

The judge speaks with it over stdin and stdout only (see chunks.py), so a container needs no mount and no descriptor from
outside, and the end of stdin is the end of everything. A student's bytes pass through two fixed buffers that are wiped before
the next fork: a child begins with its parent's memory, so nothing of one submission may be left in there.
"""

import json
import os
import select
import signal
import socket
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

from grader.runner import kernel
from grader.runner.chunks import Kind
from grader.runner.meter import Meter
from grader.runner.outlets import HungUp, Inbox, Outbox
from grader.runner.tenant import Tenant, files, tenants
from grader.runner.zygote import warm_torch

JUDGE_IN, JUDGE_OUT = 0, 1
SAMPLE_S = 0.05
NOTHING = memoryview(b"")
SOMETHING = select.POLLIN | select.POLLHUP | select.POLLERR


def main() -> NoReturn:
    """The container's command. Ends, and everything with it, when the judge hangs up."""
    kernel.set_dumpable(False)
    kernel.adopt_orphans()
    warm_torch()
    inbox = Inbox(JUDGE_IN)
    kind, _, data = inbox.wait()
    if kind is not Kind.settings:
        raise ValueError(f"the judge began with {kind!r}")
    Keeper(inbox, json.loads(bytes(data))).run()


@dataclass
class Child:
    """A child and our ends of its pipes. It waits until the judge sends its limits."""

    number: int
    process: int
    tenant: Tenant
    channel: socket.socket
    output: int
    status: int | None = None  # once its first process has ended
    time: dict[str, float | None] = field(default_factory=dict)  # what the clock said then
    told: bool = False  # whether the judge knows that

    def close(self) -> None:
        self.channel.close()
        os.close(self.output)


class Clock:
    """How long the child had for its last request, by our own clock: between the judge and us an engine may stand still."""

    def __init__(self) -> None:
        self._asked = time.monotonic()
        self._answered: float | None = None
        self._stuck_s = 0.0  # while nobody took what we had to say, so that we did not listen to the child either

    def ask(self) -> None:
        self.__init__()

    def answer(self) -> None:
        self._answered = time.monotonic() - self._stuck_s

    def wait(self, seconds: float) -> None:
        self._stuck_s += seconds

    def read(self) -> dict[str, float | None]:
        """had_s: until now. answered_s: until the last byte of its answer, if there was any."""
        answered_s = None if self._answered is None else self._answered - self._asked
        return {"had_s": time.monotonic() - self._stuck_s - self._asked, "answered_s": answered_s}


class Keeper:
    """One loop in one thread. There is always exactly one child: either it waits, or it is a submission's."""

    def __init__(self, inbox: Inbox, settings: dict[str, Any]) -> None:
        self.inbox, self.outbox = inbox, Outbox(JUDGE_OUT)
        self.defences = set(settings["defences"])
        self.tenant_of = tenants(settings["seed"]) if "users" in self.defences else lambda _: tenants(0)(0)
        self.files = files()
        self.notices: deque[tuple[Kind, int, dict[str, Any]]] = deque()
        self.request = NOTHING  # what the child has not taken yet
        self.meter: Meter | None = None
        self.next_sample = 0.0
        self.finishing = False
        self.clock = Clock()
        self.poll = select.poll()
        self.watched: dict[int, int] = {}
        self.deaths = _notice_deaths()
        self.child = self._fork(1)

    def run(self) -> NoReturn:
        self.poll.register(self.deaths, select.POLLIN)
        self.poll.register(JUDGE_IN, select.POLLIN)  # stays registered: its end must be heard whatever else is going on
        self.notices.append((Kind.ready, self.child.number, {}))
        try:
            while True:
                self._turn(self._wait())
        except (HungUp, BrokenPipeError, ConnectionResetError):
            self.child.tenant.kill()
            os._exit(0)

    def _turn(self, events: dict[int, int]) -> None:
        if self.deaths in events:
            os.read(self.deaths, 4096)
            self._reap()
        if JUDGE_OUT in events:
            self.outbox.flush()
        if JUDGE_IN in events:
            self._listen()
        if self.request:
            self._deliver()
        if not self.outbox.pending:
            self._speak(events)
        if self.meter is not None and time.monotonic() >= self.next_sample:
            self._sample()

    def _wait(self) -> dict[int, int]:
        """Sleep until there is something to do. While the judge is slow to read, nobody reads what the child says."""
        child, free = self.child, not self.outbox.pending and not self.finishing
        self._watch(JUDGE_IN, 0 if self.request else select.POLLIN)
        self._watch(JUDGE_OUT, select.POLLOUT if self.outbox.pending else 0)
        self._watch(child.output, select.POLLIN if free and not self.outbox.is_closed(Kind.output) else 0)
        reading = select.POLLIN if free and not self.outbox.is_closed(Kind.reply) else 0
        self._watch(child.channel.fileno(), reading | (select.POLLOUT if self.request else 0))
        started = time.monotonic()
        events = dict(self.poll.poll(self._patience_ms()))
        self.clock.wait(time.monotonic() - started if self.outbox.pending else 0.0)
        return events

    def _patience_ms(self) -> float | None:
        unsaid = self.notices or self.finishing or (self.child.status is not None and not self.child.told)
        if unsaid and not self.outbox.pending:
            return 0
        return None if self.meter is None else max(0.0, (self.next_sample - time.monotonic()) * 1000)

    def _watch(self, descriptor: int, events: int) -> None:
        """Change what is waited for. An end of the judge's is never left out, a child's is when nothing is wanted of it."""
        if self.watched.get(descriptor, 0 if descriptor != JUDGE_IN else select.POLLIN) == events:
            return
        self.watched[descriptor] = events
        if events or descriptor == JUDGE_IN:
            self.poll.register(descriptor, events)
        else:
            self.poll.unregister(descriptor)

    def _listen(self) -> None:
        """Obey one chunk. What is for a child that is no more is dropped."""
        if self.request:
            raise HungUp  # only its end is heard while a request waits
        chunk = self.inbox.read()
        if chunk is None or chunk[1] != self.child.number:
            return
        kind, _, data = chunk
        if kind is Kind.request:
            self.request = data
            self.clock.ask()
        elif kind is Kind.watch:
            self.meter, self.next_sample = Meter(self.child.tenant, json.loads(bytes(data)), self.defences), time.monotonic()
        elif kind in (Kind.kill, Kind.finish):
            self.child.tenant.kill()
            self.finishing = kind is Kind.finish

    def _deliver(self) -> None:
        try:
            self.request = self.request[self.child.channel.send(self.request) :]
        except BlockingIOError:
            return
        except OSError:
            self.request = NOTHING  # nobody is there to take it

    def _speak(self, events: dict[int, int]) -> None:
        """Say one thing: notices first, then what was printed, so that the judge has it before the reply that follows."""
        child = self.child
        if self.notices:
            kind, number, message = self.notices.popleft()
            self.outbox.put(kind, number, json.dumps(message).encode())
        elif self.finishing:
            self._finish()
        elif events.get(child.output, 0) & SOMETHING:
            self.outbox.pass_on(Kind.output, child.number, child.output)
        elif events.get(child.channel.fileno(), 0) & SOMETHING:
            if self.outbox.pass_on(Kind.reply, child.number, child.channel.fileno()):
                self.clock.answer()
        elif child.status is not None and not child.told:
            child.told = True
            self.notices.append((Kind.ended, child.number, {"status": child.status, **child.time}))

    def _reap(self) -> None:
        """Bury the dead, orphans too. When a submission's first process ends, all of it ends."""
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] == self.child.process:
                    self.child.status, self.child.time = found[1], self.clock.read()
                    self.child.tenant.kill()
                    self._check(self.meter is not None and self.meter.was_killed_for_memory() and "out_of_memory")

    def _sample(self) -> None:
        self.next_sample = time.monotonic() + SAMPLE_S
        self._check(self.meter.exceeded())

    def _check(self, limit: str | bool | None) -> None:
        if limit:
            self.child.tenant.kill()
            self.notices.append((Kind.exceeded, self.child.number, {"limit": limit}))
            self.meter = None

    def _finish(self) -> None:
        """Forget a killed child, fork the next one, and only then look what the old one left: the judge is writing its report."""
        old, self.finishing, self.meter, self.request = self.child, False, None, NOTHING
        for descriptor in (old.output, old.channel.fileno()):
            self._watch(descriptor, 0)
        old.close()
        self.inbox.wipe()
        self.outbox.wipe()
        self.child = self._fork(old.number + 1)
        left = old.tenant.leave_nothing(self.files, self._reap) if "leftovers" in self.defences else None
        self.notices.append((Kind.finished, old.number, {"left": left}))

    def _fork(self, number: int) -> Child:
        from grader.runner import child  # brings torch

        tenant = self.tenant_of(number)
        channel, theirs = socket.socketpair()
        output, their_output = os.pipe()
        process = child.start_as(tenant, [theirs.fileno(), their_output], self.defences)
        theirs.close()
        os.close(their_output)
        for descriptor in (channel.fileno(), output):
            os.set_blocking(descriptor, False)
        return Child(number, process, tenant, channel, output)


def _notice_deaths() -> int:
    """A descriptor that can be read when a child has died."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader

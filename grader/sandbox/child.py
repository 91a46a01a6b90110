"""The link to a child of bubblewrap's zygote: descriptors of our own, the pidfd of its init, a watchdog on /proc."""

import json
import os
import select
import signal
import socket
import time
from contextlib import suppress

from grader.sandbox.base import Ending, GraderFailure, Limits
from grader.sandbox.defences import Defence
from grader.sandbox.link import Heard, HungUp
from grader.sandbox.watchdog import Watchdog

SAMPLE_S = 0.05
DEATH_S = 5.0
BIRTH_S = 20.0
SILENCE_S = 1.0
CHUNK = 1 << 16
NEVER = float("inf")


class Child:
    """A child that waits for its limits. Its init is met when it is first needed: the fork goes on meanwhile."""

    def __init__(
        self, number: int, channel: socket.socket, output: int, status: socket.socket, walls: frozenset[Defence]
    ) -> None:
        self.number = number
        self._channel, self._output, self._status = channel, output, status
        self._walls = walls
        self._init: int | None = None  # a pidfd
        self._watchdog: Watchdog | None = None
        self._next_sample = NEVER
        self._poll = select.poll()
        self._interest = select.POLLIN
        for descriptor in (channel.fileno(), output):
            os.set_blocking(descriptor, False)
            self._poll.register(descriptor, select.POLLIN)

    def meet(self) -> None:
        """Receive the pidfd of its init from its warden, which is ours."""
        if not _can_read(self._status.fileno(), BIRTH_S):
            raise GraderFailure("the sandbox made no child in time")
        _, descriptors, *_ = socket.recv_fds(self._status, 64, 1)
        if len(descriptors) != 1:
            raise GraderFailure("the child's namespaces could not be made")
        self._init = descriptors[0]

    def watch(self, limits: Limits) -> None:
        up = {wall.value: wall in self._walls for wall in (Defence.memory, Defence.processes, Defence.network)}
        self._watchdog = Watchdog(number_of(self._init), limits, **up)
        self._next_sample = time.monotonic() + SAMPLE_S

    def send(self, data: memoryview) -> memoryview:
        try:
            return data[self._channel.send(data) :]
        except BlockingIOError:
            return data
        except OSError as error:
            raise HungUp from error

    def wait(self, until: float, *, writing: bool = False) -> Heard:
        interest = select.POLLIN | (select.POLLOUT if writing else 0)
        if interest != self._interest:
            self._poll.modify(self._channel, interest)
            self._interest = interest
        seconds = min(until, self._next_sample) - time.monotonic() if until else 0.0
        events = dict(self._poll.poll(max(0.0, seconds) * 1000))
        return Heard(bool(events.get(self._channel.fileno(), 0) & ~select.POLLOUT), self._output in events)

    def receive(self, at_most: int) -> bytes:
        try:
            data = self._channel.recv(at_most)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise HungUp from error
        if not data:
            raise HungUp
        return data

    def printed(self) -> bytes:
        try:
            data = os.read(self._output, CHUNK)
        except BlockingIOError:
            return b""
        if not data:
            with suppress(KeyError):
                self._poll.unregister(self._output)
        return data

    def exceeded(self) -> Ending | None:
        """Looks every now and then."""
        if self._watchdog is None or time.monotonic() < self._next_sample:
            return None
        found = self._watchdog.sample()
        self._next_sample = time.monotonic() + SAMPLE_S
        return found

    def how_it_ended(self) -> tuple[Ending, str] | None:
        """What the init told before it went. Only we, or what runs the sandbox, can end it without that."""
        if not _can_read(self._init, SILENCE_S):
            return None
        if not _can_read(self._status.fileno()) or not (data := self._status.recv(256)):
            raise GraderFailure("the sandbox was lost while it was in use")
        status = json.loads(data)["status"]
        if os.WIFSIGNALED(status):
            return Ending.crashed, signal.Signals(os.WTERMSIG(status)).name
        return Ending.exited, f"exit code {os.WEXITSTATUS(status)}"

    def kill(self) -> None:
        """Kill the namespaces' init; the kernel kills the rest before that counts as dead."""
        if self._init is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._init, signal.SIGKILL)

    def confirm(self) -> None:
        """The kernel alone stands between: it does what it is told."""

    def join(self) -> None:
        if self._init is not None and not _can_read(self._init, DEATH_S):
            raise GraderFailure("a process in the sandbox could not be killed")

    def close(self) -> None:
        """Idempotent."""
        if self._output is None:
            return
        self._channel.close()
        self._status.close()
        os.close(self._output)
        if self._init is not None:
            os.close(self._init)
        self._output = self._init = None


def number_of(pidfd: int) -> int:
    """The process number as this process sees it."""
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        number = next(int(line.split()[1]) for line in file if line.startswith("Pid:"))
    if number <= 0:
        raise GraderFailure("the child was gone before it began")
    return number


def _can_read(descriptor: int, seconds: float = 0.0) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))

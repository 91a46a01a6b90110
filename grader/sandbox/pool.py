"""Hosts warmed in the background, so that a submission finds one ready."""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from grader.sandbox.base import GraderFailure
from grader.sandbox.link import Link

CLEAN_S = 0.5  # cleaning up after a submission takes some 20 ms, starting one more sandbox a second of a processor
READY_S = 150.0  # the first import of torch after a reboot reads it from disk
LOOK_EVERY_S = 5.0  # for hosts that have died or grown old, whether anybody asks or not

logger = logging.getLogger(__name__)


class Host(Protocol):
    """A whole sandbox with a warm process in it. Raises GraderFailure when it cannot start or is lost; then it is closed."""

    processors: Sequence[int]  # that its children run on; none where it is not known

    def wait_until_ready(self) -> None:
        """Block until torch is imported inside and a child can be taken."""
        ...

    def take(self) -> Link:
        """Its child that waits. One at a time."""
        ...

    def finish(self, link: Link) -> None:
        """Have what is left of a killed child removed and the next one forked. Raises GraderFailure if anything stays."""
        ...

    def is_alive(self) -> bool: ...

    def abort(self) -> None:
        """Make whoever waits for it give up, from another thread."""
        ...

    def close(self) -> None:
        """End every process in it. Idempotent."""
        ...

    def log(self) -> str:
        """The last of what our own processes inside complained about."""
        ...


class Pool:
    """Keeps `size` hosts, from the first time that it is asked until it is closed; where they are used again, those in use are
    among them. A host past its time stays until its successor is ready, one successor at a time: nobody waits for an import,
    and at most one host more than `size` takes up memory. Forked processes get hosts of their own.
    """

    def __init__(self, start: Callable[[], Host], size: int, lifetime_s: float, *, used_again: bool) -> None:
        self._start = start
        self._size = size
        self._lifetime_s = lifetime_s
        self._used_again = used_again
        self._change = threading.Condition()
        self._forget()

    def _forget(self) -> None:
        """Begin anew, as after a fork: what the parent started is the parent's."""
        self._process = os.getpid()
        self._closed = False
        self._in_use = 0
        self._ready: deque[Host] = deque()
        self._starting: dict[threading.Thread, Host | None] = {}
        self._born: dict[int, float] = {}  # by the host's identity
        self._failure: GraderFailure | None = None
        self._keeper: threading.Thread | None = None

    def fill(self, at_least: int = 0) -> None:
        """Start what is missing and return. `at_least`: how many have to be ready or starting, whatever is in use."""
        if self._process != os.getpid():
            self._change = threading.Condition()
            self._forget()
        with self._change:
            self._closed = False
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="pool", daemon=True)
                self._keeper.start()
        self._refill(at_least)

    def _keep(self) -> None:
        """What a thread does: refill when nobody asks, so that after a quiet hour nobody waits."""
        while not self._is_closed_within(LOOK_EVERY_S):
            self._refill()

    def _is_closed_within(self, seconds: float) -> bool:
        with self._change:
            return self._change.wait_for(lambda: self._closed, seconds)

    def _refill(self, at_least: int = 0) -> None:
        with self._change:
            dead = [host for host in self._ready if not host.is_alive()]
            for host in dead:
                self._ready.remove(host)
            for _ in range(0 if self._closed else self._missing(at_least)):
                thread = threading.Thread(target=self._warm_one, daemon=True)
                self._starting[thread] = None
                thread.start()
        for host in dead:
            self._end(host)

    def _missing(self, at_least: int) -> int:
        """How many to start now; for those past their time, one successor after the other."""
        wanted = max(self._size - (self._in_use if self._used_again else 0), at_least)
        lacking = wanted - len(self._ready) - len(self._starting)
        return max(lacking, int(wanted > self._young() and not self._starting))

    def _young(self) -> int:
        return sum(not self._is_old(host) for host in self._ready)

    def take(self) -> Host:
        """A ready host, of those in their time the one that has waited longest; waits for one if need be."""
        while True:
            self.wait()
            with self._change:
                if self._ready:  # else somebody was faster
                    self._in_use += 1
                    host = next((host for host in self._ready if not self._is_old(host)), self._ready[0])
                    self._ready.remove(host)
                    break
        self.fill()
        return host

    def wait(self) -> None:
        """Block until a host is ready. Raises GraderFailure if none can be started."""
        self._failure = None
        self.fill()
        with self._change:
            is_coming = bool(self._ready or self._starting) or self._change.wait_for(lambda: self._ready, CLEAN_S)
        if not is_coming and self._failure is None:  # all are in use, and none of them is about to be given back
            self.fill(at_least=1)
        with self._change:
            self._change.wait_for(lambda: self._ready or not self._starting, READY_S)
            if not self._ready:
                raise self._failure or GraderFailure("no sandbox was ready in time; is the machine overloaded?")

    def give_back(self, host: Host) -> None:
        """Take a host that is clean for another submission, unless there are enough; an old one only until there is another."""
        with self._change:
            room = len(self._ready) < self._size and not (self._is_old(host) and self._young())
            keep = not self._closed and room
            if keep:
                self._in_use -= 1
                self._ready.append(host)
                self._change.notify_all()
        if keep:
            self._refill()
        else:
            self.discard(host)

    def discard(self, host: Host) -> None:
        """Destroy a host that was taken; what takes its place is being started before that is done."""
        with self._change:
            self._in_use -= 1
        self._refill()
        self._end(host)

    def close(self) -> None:
        if self._process != os.getpid():
            return self._forget()
        with self._change:
            self._closed = True
            self._change.notify_all()
            keeper, self._keeper = self._keeper, None
            starting = dict(self._starting)
        for host in filter(None, starting.values()):
            host.abort()
        for thread in filter(None, [*starting, keeper]):
            thread.join()
        while self._ready:
            self._end(self._ready.pop())

    def _warm_one(self) -> None:
        """What a thread does: start one host and wait until it is ready."""
        me, host = threading.current_thread(), None
        try:
            host = self._start()
            self._starting[me] = host
            if self._closed:
                raise GraderFailure("the sandbox was closed while it started")
            host.wait_until_ready()
        except BaseException as error:
            is_known = isinstance(error, GraderFailure)
            failure = error if is_known else GraderFailure(f"a sandbox could not be started: {type(error).__name__}: {error}")
            self._started(me, None, failure)
            if host is not None:
                host.close()
            if not is_known:
                logger.exception("a sandbox could not be started")
        else:
            self._started(me, host, None)

    def _started(self, thread: threading.Thread, host: Host | None, failure: GraderFailure | None) -> None:
        with self._change:
            del self._starting[thread]
            self._failure = failure or self._failure
            is_wanted = host is not None and self._young() < self._size
            if is_wanted:
                self._born[id(host)] = time.monotonic()
                self._ready.append(host)
            old = [each for each in self._ready if self._is_old(each)][:1] if is_wanted else []
            for each in old:
                self._ready.remove(each)
            self._change.notify_all()
        if old:
            self._end(old[0])
            self._refill()  # the next successor
        if host is not None and not is_wanted:
            host.close()

    def _is_old(self, host: Host) -> bool:
        return time.monotonic() - self._born.get(id(host), 0.0) > self._lifetime_s

    def _end(self, host: Host) -> None:
        self._born.pop(id(host), None)
        host.close()

"""Hosts warmed in the background, so that a submission finds one ready."""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from grader.sandbox.base import GraderFailure
from grader.sandbox.link import Link

CLEAN_S = 0.5  # cleaning up after a submission takes some 20 ms, starting one more sandbox a second of a processor
READY_S = 150.0  # the first import of torch after a reboot reads it from disk

logger = logging.getLogger(__name__)


class Host(Protocol):
    """A whole sandbox with a warm process in it. Raises GraderFailure when it cannot start or is lost; then it is closed."""

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
    """Keeps `size` hosts; where they are used again, those in use are among them. Forked processes get hosts of their own."""

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

    def fill(self, at_least: int = 0) -> None:
        """Start what is missing and return. `at_least`: how many have to be ready or starting, whatever is in use."""
        if self._process != os.getpid():
            self._change = threading.Condition()
            self._forget()
        with self._change:
            self._closed = False
            expired = [host for host in self._ready if self._is_old(host) or not host.is_alive()]
            for host in expired:
                self._ready.remove(host)
            for _ in range(self._missing(at_least)):
                thread = threading.Thread(target=self._warm_one, daemon=True)
                self._starting[thread] = None
                thread.start()
        for host in expired:
            self._end(host)

    def _missing(self, at_least: int) -> int:
        wanted = self._size - (self._in_use if self._used_again else 0)
        return max(wanted, at_least) - len(self._ready) - len(self._starting)

    def take(self) -> Host:
        """A ready host, the one that has waited longest; waits for one if need be."""
        while True:
            self.wait()
            with self._change:
                if self._ready:  # else somebody was faster
                    self._in_use += 1
                    host = self._ready.popleft()
                    break
        self.fill()
        return host

    def wait(self) -> None:
        """Block until a host is ready. Raises GraderFailure if none can be started."""
        self._failure = None
        self.fill()
        with self._change:
            is_coming = bool(self._ready or self._starting) or self._change.wait_for(lambda: self._ready, CLEAN_S)
        if not is_coming:  # all are in use, and none of them is about to be given back
            self.fill(at_least=1)
        with self._change:
            self._change.wait_for(lambda: self._ready or not self._starting, READY_S)
            if not self._ready:
                raise self._failure or GraderFailure("no sandbox was ready in time; is the machine overloaded?")

    def give_back(self, host: Host) -> None:
        """Take a host that is clean for another submission, unless it is old or there are enough."""
        with self._change:
            keep = not self._closed and len(self._ready) < self._size and not self._is_old(host)
            if keep:
                self._in_use -= 1
                self._ready.append(host)
                self._change.notify_all()
        if not keep:
            self.discard(host)

    def discard(self, host: Host) -> None:
        """Destroy a host that was taken; what takes its place is being started before that is done."""
        with self._change:
            self._in_use -= 1
        if not self._closed:
            self.fill()
        self._end(host)

    def close(self) -> None:
        if self._process != os.getpid():
            return self._forget()
        with self._change:
            self._closed = True
            starting = dict(self._starting)
        for host in filter(None, starting.values()):
            host.abort()
        for thread in starting:
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
            is_wanted = host is not None and len(self._ready) < self._size
            if is_wanted:
                self._born[id(host)] = time.monotonic()
                self._ready.append(host)
            self._change.notify_all()
        if host is not None and not is_wanted:
            host.close()

    def _is_old(self, host: Host) -> bool:
        return time.monotonic() - self._born.get(id(host), 0.0) > self._lifetime_s

    def _end(self, host: Host) -> None:
        self._born.pop(id(host), None)
        host.close()

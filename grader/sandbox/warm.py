"""A sandbox out of warm hosts: the same for every backend and both isolations."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from grader.sandbox.base import Box, Ending, GraderFailure, Isolation, Limits
from grader.sandbox.box import LinkedBox
from grader.sandbox.defences import Defence
from grader.sandbox.link import Link
from grader.sandbox.options import Options
from grader.sandbox.pool import Host, Pool
from grader.sandbox.processors import beside

UNUSUAL = {Ending.timed_out, Ending.out_of_memory, Ending.too_many_processes, Ending.protocol_error}
HOSTS = 2  # at most, with isolation fork: one is in use, the other is there when that has to be destroyed

logger = logging.getLogger(__name__)


class WarmSandbox:
    """fork: a host serves many submissions, one after the other. fresh: each has a host of its own. Both are ready beforehand.

    A host in which anything unusual happened is destroyed; the next submission finds another one.
    """

    name: str

    def __init__(self, isolation: Isolation, start: Callable[[], Host], options: Options, walls: frozenset[Defence]) -> None:
        self.isolation = isolation
        self._walls = walls
        fork = isolation is Isolation.fork
        self._pool = Pool(start, min(HOSTS, options.pool) if fork else options.pool, options.lifetime_s, used_again=fork)
        self._cleaning: set[threading.Thread] = set()

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Box]:
        host = self._pool.take()
        try:
            link = host.take()
            box = self._begin(link, limits)
        except GraderFailure as error:
            log = host.log()
            self._pool.discard(host)
            raise GraderFailure(f"{error} {log}".strip()) from error
        except BaseException:  # too many open files, say: whatever it is, the host is not in use any more
            self._pool.discard(host)
            raise
        try:
            with beside(host.processors):
                yield box
        finally:
            ending = box.ending
            try:
                box.close()
            finally:
                self._clean_up_later(host, link, ending)

    def _begin(self, link: Link, limits: Limits) -> LinkedBox:
        try:
            return LinkedBox(link, limits, self._walls)
        except BaseException:
            link.close()
            raise

    def warm(self) -> None:
        """Also waits until nothing of the boxes before is left."""
        self._settle()
        self._pool.wait()

    def close(self) -> None:
        self._settle()
        self._pool.close()

    def _settle(self) -> None:
        while self._cleaning:
            self._cleaning.pop().join()

    def _clean_up_later(self, host: Host, link: Link, ending: Ending | None) -> None:
        """The kernel takes some 20 ms to bury a submission; meanwhile the judge writes its report."""
        thread = threading.Thread(target=self._clean_up, args=(host, link, ending))
        self._cleaning = {thread for thread in self._cleaning if thread.is_alive()} | {thread}
        thread.start()

    def _clean_up(self, host: Host, link: Link, ending: Ending | None) -> None:
        """A host in which anything was unusual is never used again."""
        try:
            if ending in UNUSUAL:
                logger.info("a sandbox is replaced after a submission that ended with %s", ending)
            elif self.isolation is Isolation.fork:
                host.finish(link)
                self._pool.give_back(host)
                return
        except Exception as error:
            logger.warning("a sandbox is thrown away: %r %s", error, host.log())
        finally:
            link.close()
        self._pool.discard(host)

"""Keeps a lease alive and tells how far the judge is, in a thread of its own: the judge itself never waits for the database.

The table only ever holds what `Pace` lets through, so whoever reads it, from wherever, learns no time of a hidden check.
"""

import logging
import threading
import time
from types import TracebackType

import redis
from sqlalchemy.exc import OperationalError

from grader.protocol import Progress
from server.database import session_factory
from server.grading import service
from server.grading.hints import channel_of, give_hint
from server.grading.pace import TICK_S, Pace
from server.grading.service import Claim, LeaseLost

log = logging.getLogger(__name__)

BEATS_PER_LEASE = 4
PAUSE_S = 0.1  # between two writes, however fast the checks are


class Heartbeat:
    """`progress` is called by the judge. When the lease is gone, the judge learns it at its next check."""

    def __init__(self, claim: Claim, *, lease_s: float, client: redis.Redis, tick_s: float = TICK_S) -> None:
        self.claim, self.lease_s, self.client = claim, lease_s, client
        self.pace = Pace(tick_s)
        self.news, self.ended, self.lost = threading.Event(), threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, name=f"lease of job {claim.job_id}", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.ended.set()
        self.news.set()
        self.thread.join()

    def progress(self, progress: Progress) -> None:
        if self.lost.is_set():
            raise LeaseLost(f"job {self.claim.job_id} was taken over")
        if self.pace.take(progress, now=time.monotonic()):
            self.news.set()

    def run(self) -> None:
        while not self.lost.is_set():
            self.news.wait(min(self.lease_s / BEATS_PER_LEASE, self.pace.until_tick_s(now=time.monotonic())))
            if self.ended.is_set():
                return
            self.news.clear()
            self.beat()
            self.ended.wait(PAUSE_S)

    def beat(self) -> None:
        """One write; a database that does not answer for a moment gets another chance at the next beat."""
        shown = self.pace.shown(now=time.monotonic())
        try:
            with session_factory.begin() as session:
                service.renew(session, claim=self.claim, lease_s=self.lease_s, progress=shown)
        except LeaseLost:
            self.lost.set()
        except OperationalError as error:
            log.warning("The lease of job %s was not renewed, trying again: %s", self.claim.job_id, error)
        else:
            give_hint(self.client, channel_of(self.claim.submission_id))

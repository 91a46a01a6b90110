"""Keeps a lease alive and tells how far the judge is, in a thread of its own: the judge itself never waits for the database."""

import logging
import threading
from types import TracebackType

import redis
from sqlalchemy.exc import OperationalError

from grader.protocol import Progress
from server.database import session_factory
from server.grading import service
from server.grading.hints import give_hint
from server.grading.service import Claim, LeaseLost

log = logging.getLogger(__name__)

BEATS_PER_LEASE = 4
PAUSE_S = 0.1  # between two writes, however fast the checks are


class Heartbeat:
    """`progress` is called by the judge. When the lease is gone, the judge learns it at its next check."""

    def __init__(self, claim: Claim, *, lease_s: float, client: redis.Redis) -> None:
        self.claim, self.lease_s, self.client = claim, lease_s, client
        self.latest: Progress | None = None
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
        self.latest = progress
        self.news.set()

    def run(self) -> None:
        while not self.lost.is_set():
            self.news.wait(self.lease_s / BEATS_PER_LEASE)
            if self.ended.is_set():
                return
            self.news.clear()
            self.beat()
            self.ended.wait(PAUSE_S)

    def beat(self) -> None:
        """One write; a database that does not answer for a moment gets another chance at the next beat."""
        try:
            with session_factory.begin() as session:
                service.renew(session, claim=self.claim, lease_s=self.lease_s, progress=self.latest)
        except LeaseLost:
            self.lost.set()
        except OperationalError as error:
            log.warning("The lease of job %s was not renewed, trying again: %s", self.claim.job_id, error)
        else:
            give_hint(self.client, self.claim.submission_id)

"""Keeps a comparison's lease alive and tells how far it is, in a thread of its own, at most twice a second."""

import logging
import threading
from types import TracebackType

import redis
from sqlalchemy.exc import OperationalError

from server.database import session_factory
from server.grading.hints import give_hint
from server.similarity import claims
from server.similarity.claims import Claim, LeaseLost, Progress
from server.similarity.events import channel_of

log = logging.getLogger(__name__)

BEATS_PER_LEASE = 4
PAUSE_S = 0.5  # between two writes


class Heartbeat:
    """`tell` is called by whoever compares, and raises once the lease is gone."""

    def __init__(self, claim: Claim, *, lease_s: float, client: redis.Redis) -> None:
        self.claim, self.lease_s, self.client = claim, lease_s, client
        self.progress: Progress | None = None
        self.news, self.ended, self.lost = threading.Event(), threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, name=f"lease of comparison {claim.comparison_id}", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.ended.set()
        self.news.set()
        self.thread.join()

    def tell(self, stage: str, done: int = 0, total: int = 0) -> None:
        if self.lost.is_set():
            raise LeaseLost(f"comparison {self.claim.comparison_id} was taken over")
        self.progress = Progress(stage, done, total)
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
                claims.renew(session, claim=self.claim, lease_s=self.lease_s, progress=self.progress)
        except LeaseLost:
            self.lost.set()
        except OperationalError as error:
            log.warning("The lease of comparison %s was not renewed, trying again: %s", self.claim.comparison_id, error)
        else:
            give_hint(self.client, channel_of(self.claim.assignment_id))

"""Keeps a job's lease and tells how far the judge is: the judge itself never waits for the database.

The table only ever holds what `Pace` lets through, so whoever reads it, from wherever, learns no time of a hidden check.
"""

import time

import redis
from sqlalchemy.orm import Session

from grader.protocol import Progress
from server.grading import service
from server.grading.hints import channel_of, give_hint
from server.grading.pace import TICK_S, Pace
from server.grading.service import Claim
from server.lease import LeaseKeeper

PAUSE_S = 0.1  # between two writes, however fast the checks are


class Heartbeat(LeaseKeeper):
    """`progress` is called by the judge. When the lease is gone, the judge learns it at its next check."""

    def __init__(self, claim: Claim, *, lease_s: float, client: redis.Redis, tick_s: float = TICK_S) -> None:
        super().__init__(f"job {claim.job_id}", lease_s=lease_s, pause_s=PAUSE_S)
        self.claim, self.client = claim, client
        self.pace = Pace(tick_s)

    def progress(self, progress: Progress) -> None:
        self.check_held()
        if self.pace.take(progress, now=time.monotonic()):
            self.news.set()

    def wait_s(self) -> float:
        return min(super().wait_s(), self.pace.until_tick_s(now=time.monotonic()))

    def renew(self, session: Session) -> None:
        shown = self.pace.shown(now=time.monotonic())
        service.renew(session, claim=self.claim, lease_s=self.lease_s, progress=shown)

    def tell_others(self) -> None:
        give_hint(self.client, channel_of(self.claim.submission_id))

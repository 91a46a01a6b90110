"""Keeps a comparison's lease, and tells how far it is, at most twice a second."""

import redis
from sqlalchemy.orm import Session

from server.grading.hints import give_hint
from server.lease import LeaseKeeper
from server.similarity import claims
from server.similarity.claims import Claim, Progress
from server.similarity.events import channel_of

PAUSE_S = 0.5  # between two writes


class Heartbeat(LeaseKeeper):
    """`tell` is called by whoever compares, and raises once the lease is gone."""

    def __init__(self, claim: Claim, *, lease_s: float, client: redis.Redis) -> None:
        super().__init__(f"comparison {claim.comparison_id}", lease_s=lease_s, pause_s=PAUSE_S)
        self.claim, self.client = claim, client
        self.progress: Progress | None = None

    def tell(self, stage: str, done: int = 0, total: int = 0) -> None:
        self.check_held()
        self.progress = Progress(stage, done, total)
        self.news.set()

    def renew(self, session: Session) -> None:
        claims.renew(session, claim=self.claim, lease_s=self.lease_s, progress=self.progress)

    def tell_others(self) -> None:
        give_hint(self.client, channel_of(self.claim.assignment_id))

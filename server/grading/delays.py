"""How long people waited for the judge, and how much of it is ours to give back. Values in, answer out, but for one query."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from server.submissions.models import Job, State

FAIR_WAIT_S = 20.0


@dataclass(frozen=True)
class Span:
    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class Wait:
    """What a submission's own job went through; what staff had judged again later is no wait of its author.

    first_started_at: when a worker first took it. started_at: when the newest try began.
    """

    submission_id: int
    author_id: int
    state: State
    received_at: datetime
    first_started_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    def for_worker_s(self, now: datetime) -> float:
        """Until a worker first took it; until it ended or until now, where none has."""
        return seconds(self.received_at, self.first_started_at or self.finished_at or now)

    def for_verdict_s(self, now: datetime) -> float:
        return seconds(self.received_at, self.finished_at or now)

    def verdict_try(self, now: datetime) -> Span | None:
        """The try that led to the verdict, or may yet; tries that failed are none, and what failed for good has none."""
        if self.started_at is None or self.state not in (State.running, State.graded):
            return None
        return Span(self.started_at, self.finished_at or now)


def waits_of(session: Session, submission_ids: Collection[int]) -> list[Wait]:
    """In the order of their submissions; one query."""
    columns = Job.submission_id, Job.author_id, Job.state, Job.created_at, Job.first_started_at, Job.started_at, Job.finished_at
    query = select(*columns).ext(distinct_on(Job.submission_id)).where(Job.submission_id.in_(submission_ids))
    return [Wait(*row) for row in session.execute(query.order_by(Job.submission_id, Job.id))]


def owed_s(waits: Sequence[Wait], *, now: datetime, fair_s: float = FAIR_WAIT_S) -> dict[int, float]:
    """Seconds beyond a fair wait, by submission, of one person's waits.

    A moment in which two of them waited counts once, for the earlier submission, so the sum is what the person has lost.
    """
    owed, spans = {}, []
    before = 0.0
    for wait in sorted(waits, key=lambda each: each.submission_id):
        spans += lost_spans(wait, [other for other in waits if other is not wait], now=now, fair_s=fair_s)
        total = length_s(spans)
        owed[wait.submission_id], before = total - before, total
    return owed


def lost_spans(wait: Wait, others: Iterable[Wait], *, now: datetime, fair_s: float = FAIR_WAIT_S) -> list[Span]:
    """Beyond a fair wait for the first worker; and all of what came from its first try to the one that led to a verdict.

    others: of the same person. While one of them was judged, this one stood behind its own author and nobody else.
    """
    taken_at = wait.first_started_at or wait.finished_at or now
    fair_until = ready_at(wait, others, now=now) + timedelta(seconds=fair_s)
    spans = [Span(fair_until, taken_at)]
    if wait.first_started_at is not None:
        verdict = wait.verdict_try(now)
        spans.append(Span(wait.first_started_at, verdict.began_at if verdict else wait.finished_at or now))
    return [span for span in spans if span.began_at < span.ended_at]


def ready_at(wait: Wait, others: Iterable[Wait], *, now: datetime) -> datetime:
    """Since when nothing of its author's own stood before it: one person has one job at a time judged."""
    taken_at = wait.first_started_at or wait.finished_at or now
    tries = [span for other in others if (span := other.verdict_try(now)) is not None]
    return max([wait.received_at, *(min(span.ended_at, taken_at) for span in tries if span.began_at < taken_at)])


def length_s(spans: Iterable[Span]) -> float:
    """Of the time that they cover together."""
    total, end = timedelta(), None
    for span in sorted(spans, key=lambda each: each.began_at):
        begin = span.began_at if end is None else max(span.began_at, end)
        if span.ended_at > begin:
            total, end = total + (span.ended_at - begin), span.ended_at
    return total.total_seconds()


def seconds(began_at: datetime, ended_at: datetime) -> float:
    """None is below zero: clocks of different transactions may be a moment apart."""
    return max(0.0, (ended_at - began_at).total_seconds())

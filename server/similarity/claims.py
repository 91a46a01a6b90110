"""A comparison moves by conditional updates, as a job does: whoever holds the newest fence may write, nobody else."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from server.broker import COMPARE, MAINTENANCE
from server.lease import LeaseLost
from server.outbox import run_after_commit
from server.similarity import rules
from server.similarity.models import Comparison, ComparisonState

CLOCK = func.clock_timestamp()
LOST_WORKER = "The worker fell silent while comparing."


@dataclass(frozen=True)
class Claim:
    """The right to make one comparison until the lease ends. `fence` proves it."""

    comparison_id: int
    assignment_id: int
    fence: int
    tries: int


@dataclass(frozen=True)
class Progress:
    """How far a stage is: reading, comparing, facts, evidence."""

    stage: str
    done: int = 0
    total: int = 0


def claim(session: Session, *, comparison_id: int, lease_s: float) -> Claim | None:
    """Take a waiting comparison; None if it does not wait."""
    take = (
        update(Comparison)
        .where(Comparison.id == comparison_id, Comparison.state == ComparisonState.waiting)
        .values(
            state=ComparisonState.running, fence=Comparison.fence + 1, tries=Comparison.tries + 1,
            lease_until=CLOCK + timedelta(seconds=lease_s), started_at=CLOCK, stage=None, done=0, total=0,
        )
        .returning(Comparison.id, Comparison.assignment_id, Comparison.fence, Comparison.tries)
    )  # fmt: skip
    row = session.execute(take).one_or_none()
    return Claim(*row) if row else None


def renew(session: Session, *, claim: Claim, lease_s: float, progress: Progress | None) -> None:
    """Keep it a while longer, and say how far it is. May be lost in a crash of the database: it comes again soon."""
    session.execute(text("SET LOCAL synchronous_commit TO off"))
    shown = {} if progress is None else {"stage": progress.stage, "done": progress.done, "total": progress.total}
    write(session, claim, lease_until=CLOCK + timedelta(seconds=lease_s), **shown)


def finish(session: Session, *, claim: Claim, **values: Any) -> None:
    """In the transaction that adds the pairs: they are there with the state, or not at all."""
    write(session, claim, state=ComparisonState.done, lease_until=None, finished_at=CLOCK, fault=None, **values)


def record_failure(session: Session, *, claim: Claim, fault: str) -> None:
    """Once more after a pause, until the last try; `fault` is for staff."""
    again = claim.tries < rules.MAX_TRIES
    ended = (
        {"state": ComparisonState.waiting, "sent_at": CLOCK} if again else {"state": ComparisonState.failed, "finished_at": CLOCK}
    )
    write(session, claim, lease_until=None, fault=fault, **ended)


def write(session: Session, claim: Claim, **values: Any) -> None:
    """The only way in which a worker changes a comparison."""
    mine = Comparison.id == claim.comparison_id, Comparison.fence == claim.fence, Comparison.state == ComparisonState.running
    if session.execute(update(Comparison).where(*mine).values(**values)).rowcount != 1:
        raise LeaseLost(f"comparison {claim.comparison_id} is no longer ours (fence {claim.fence})")


def take_over_expired(session: Session) -> int:
    """Comparisons whose worker fell silent wait again, or have failed after the last try; how many."""
    expired = Comparison.state == ComparisonState.running, Comparison.lease_until < CLOCK
    found = session.scalars(select(Comparison).where(*expired).with_for_update(skip_locked=True, of=Comparison)).all()
    for comparison in found:
        comparison.lease_until = None
        comparison.fault = comparison.fault or LOST_WORKER
        if comparison.tries >= rules.MAX_TRIES:
            comparison.state, comparison.finished_at = ComparisonState.failed, CLOCK
        else:
            send(session, comparison)
    session.flush()
    return len(found)


def send_again(session: Session, *, older_than_s: float) -> int:
    """Waiting comparisons whose message seems lost; how many. A message too many does no harm."""
    old = func.coalesce(Comparison.sent_at, Comparison.created_at) < CLOCK - timedelta(seconds=older_than_s)
    waiting = select(Comparison).where(Comparison.state == ComparisonState.waiting, old)
    found = session.scalars(waiting.with_for_update(skip_locked=True, of=Comparison)).all()
    for comparison in found:
        send(session, comparison)
    session.flush()
    return len(found)


def send(session: Session, comparison: Comparison) -> None:
    comparison.state, comparison.sent_at = ComparisonState.waiting, CLOCK
    run_after_commit(session, COMPARE, comparison.id, queue=MAINTENANCE)

"""Time that the platform gives back by itself: what a check waited for the judge, and when nothing answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from server.audit import write_line
from server.exams import places, queries, rules
from server.exams.models import Grant, Outage, Pulse, Sitting, TimeGrant
from server.exams.rules import Span
from server.grading import delays
from server.submissions.models import Submission

LEAST_S = 5
WHY = {
    Grant.queue: "Your checks waited for the judge. 你的检查在等待评测。",
    Grant.outage: "The platform did not answer. 平台曾无响应。",
}


def give(session: Session, *, sitting: Sitting, seconds: int, kind: Grant, cause: str) -> bool:
    """Once for each cause; whether it was given now."""
    row = {
        "exam_id": sitting.exam_id, "student_id": sitting.student_id, "seconds": seconds, "kind": kind,
        "reason": WHY[kind], "cause": cause,
    }  # fmt: skip
    given = session.scalar(insert(TimeGrant).values(row).on_conflict_do_nothing().returning(TimeGrant.id))
    if given is None:
        return False
    places.note(session, sitting, f"credit.{kind}", seconds=seconds, cause=cause)
    about = {"exam": sitting.exam.assignment.slug, "student": sitting.student.login, "seconds": seconds, "cause": cause}
    write_line(session, course=sitting.exam.assignment.course, actor=None, action=f"exam.credited_{kind}", **about)
    return True


def beat(session: Session, now: datetime) -> Outage | None:
    """The platform is alive. The first sign after a gap gives that gap back to everybody who sat through it."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('exams.pulse'))"))
    pulse = session.scalar(select(Pulse).limit(1))
    if pulse is None:
        session.add(Pulse(beat_at=now))
        return None
    last, pulse.beat_at = pulse.beat_at, max(now, pulse.beat_at)
    if now - last <= timedelta(seconds=rules.GAP_S):
        return None
    outage = Outage(began_at=last, ended_at=now)
    session.add(outage)
    session.flush()
    credit_outage(session, outage)
    return outage


def settle(session: Session, *, sitting: Sitting, now: datetime) -> None:
    """What the platform owes this sitting by now. Under its lock."""
    credit_waits(session, sitting=sitting, attempts=queries.attempts_of(session, sitting), now=now, least_s=1)
    last = session.scalar(select(Pulse.beat_at).limit(1))
    if last is not None and now - last > timedelta(seconds=rules.GAP_S):
        beat(session, now)


def credit_waits(
    session: Session, *, sitting: Sitting, attempts: Sequence[Submission], now: datetime, least_s: int = LEAST_S
) -> bool:
    """What this sitting's checks have waited beyond what is fair, less what was given for it before; whether that was something.

    least_s: less is left for the next time, so that a busy judge does not become a long list.
    """
    if not attempts:
        return False
    ids = [each.id for each in attempts]
    owed = delays.owed_s(delays.waits_of(session, ids), now=now, fair_s=sitting.exam.fair_wait_s)
    mine = TimeGrant.exam_id == sitting.exam_id, TimeGrant.student_id == sitting.student_id, TimeGrant.kind == Grant.queue
    given = session.scalar(select(func.coalesce(func.sum(TimeGrant.seconds), 0)).where(*mine, TimeGrant.at >= sitting.started_at))
    total = ceil(sum(owed.values()))
    if total - given < least_s:
        return False
    return give(session, sitting=sitting, seconds=total - given, kind=Grant.queue, cause=f"sitting {sitting.number}: {total} s")


def credit_outage(session: Session, outage: Outage) -> int:
    """How many sittings got time back. Only those that still run, or would if they had it."""
    credited = 0
    for sitting in session.scalars(select(Sitting).where(Sitting.handed_in_at.is_(None)).order_by(Sitting.id)):
        span = Span(outage.began_at, outage.ended_at)
        seconds = rules.outage_credit_s(span, started_at=sitting.started_at, end=queries.end_of(session, sitting))
        if seconds > 0 and give(session, sitting=sitting, seconds=seconds, kind=Grant.outage, cause=f"outage {outage.id}"):
            credited += 1
    return credited

"""Starting, and going on. The row of the enrollment is the lock for starting, that of the sitting for everything after.

Whoever needs both takes the sitting's first, as handing in does. Locks leave the key shared (`key_share`): what is noted for a
sitting by somebody who gives time to a whole class never waits for its student, who may be waiting for that somebody.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit import write_line
from server.courses.models import Enrollment, Standing
from server.courses.roster_refusals import Withdrawn
from server.exams import handing_in, places, queries, rules
from server.exams.models import Exam, Place, Sitting
from server.exams.places import Here
from server.exams.refusals import AlreadyHandedIn, HonourNotAccepted, NotFromHere, NotOpen, NotSitting
from server.settings import Settings


def start(
    session: Session,
    *,
    exam: Exam,
    member: Enrollment,
    honour: str,
    accepts_honour: bool,
    at: Here,
    settings: Settings,
    now: datetime,
) -> tuple[Sitting, Place, str]:
    """Begin, or go on with what was begun: the sitting, the place, and the place's key. What is over is handed in first.

    Raises NotOpen, HonourNotAccepted, NotFromHere, AlreadyHandedIn.
    """
    check_network(exam, at)
    find_and_close(session, exam=exam, member=member, settings=settings, now=now)
    lock_member(session, member)
    standing = queries.standing_of(session, exam=exam, member=member)
    sitting = standing.sitting
    if sitting is None or (exam.is_practice and sitting.handed_in_at is not None):
        sitting = begin(session, standing, member=member, honour=honour, accepts_honour=accepts_honour, now=now)
    elif sitting.handed_in_at is not None:
        raise AlreadyHandedIn(in_zone(exam, sitting.handed_in_at))
    place, key = places.enter(session, sitting=lock(session, sitting), at=at, now=now)
    return sitting, place, key


def begin(
    session: Session, standing: queries.Standing, *, member: Enrollment, honour: str, accepts_honour: bool, now: datetime
) -> Sitting:
    exam, window = standing.exam, standing.window
    if not rules.may_start(window, now):
        raise NotOpen(in_zone(exam, window.opens_at), in_zone(exam, window.closes_at), now)
    if not accepts_honour:
        raise HonourNotAccepted
    sitting = Sitting(
        exam=exam, student=member.user, number=standing.sitting.number + 1 if standing.sitting else 1, started_at=now,
        working_s=exam.minutes * 60, closes_at=window.closes_at, honour=honour, last_seen_at=now,
    )  # fmt: skip
    session.add(sitting)
    session.flush()
    places.note(session, sitting, "started", working_s=sitting.working_s, granted_s=standing.granted_s)
    about = {"exam": exam.assignment.slug, "student": member.user.login, "number": sitting.number}
    write_line(session, course=member.course, actor=member.user, action="exam.started", **about)
    return sitting


def find_and_close(session: Session, *, exam: Exam, member: Enrollment, settings: Settings, now: datetime) -> Sitting | None:
    """The newest one, under its lock; if its time is over, it is handed in from here on."""
    sitting = queries.newest_sitting(session, exam=exam, student_id=member.user_id, is_locked=True)
    if sitting is not None:
        handing_in.close_if_over(session, sitting=sitting, settings=settings, now=now)
    return sitting


def go_on(
    session: Session, *, exam: Exam, member: Enrollment, at: Here, settings: Settings, now: datetime
) -> tuple[Sitting, Place, str]:
    """Enter a running sitting from this tab: the place is active, or waits for permission."""
    check_network(exam, at)
    sitting = find_and_close(session, exam=exam, member=member, settings=settings, now=now)
    if sitting is None:
        raise NotSitting
    if sitting.handed_in_at is not None:
        raise AlreadyHandedIn(in_zone(exam, sitting.handed_in_at))
    place, key = places.enter(session, sitting=sitting, at=at, now=now)
    return sitting, place, key


def check_network(exam: Exam, at: Here) -> None:
    if not rules.is_allowed_from(at.address, exam.networks):
        raise NotFromHere(at.address)


def lock_member(session: Session, member: Enrollment) -> None:
    """Two tabs that start at once take turns; whoever has left the course meanwhile starts nothing."""
    row = session.scalar(
        select(Enrollment.standing).where(Enrollment.id == member.id).with_for_update().execution_options(populate_existing=True)
    )
    if row is not Standing.active:
        raise Withdrawn


def lock(session: Session, sitting: Sitting) -> Sitting:
    query = select(Sitting).where(Sitting.id == sitting.id).with_for_update(of=Sitting, key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def in_zone(exam: Exam, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(exam.assignment.course.time_zone))

"""Opening a roll call, signing in to it, correcting it, and what share of the course everybody was there."""

import hashlib
import hmac
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import delete
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.attendance import queries, rules
from server.attendance.models import Presence, RollCall, Sighting, Source, WrongCode
from server.audit import write_line
from server.courses.models import Course, Enrollment, Role, Section
from server.database import current_time, session_factory

DIGEST_LENGTH = 12


@dataclass(frozen=True)
class Device:
    """From where a code was typed; kept as digests."""

    browser: str
    address: str

    def digests(self, key: bytes) -> dict[str, str]:
        return {name: digest_of(key, value) for name, value in (("browser", self.browser), ("address", self.address))}


def digest_of(key: bytes, value: str) -> str:
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:DIGEST_LENGTH]


def open_roll_call(
    session: Session, *, course: Course, title: str, section: str | None, minutes: int, late_after: int, by: User, now: datetime
) -> RollCall:
    """Who has leave for the day is excused from the start. 0 minutes: no codes, the staff call the names."""
    rules.check_window(minutes, late_after)
    if not title.strip() or len(title.strip()) > rules.MAX_TITLE:
        raise rules.BadTitle
    asked = find_section(session, course=course, name=section) if section else None
    students = queries.list_students(session, course=course, section_id=asked.id if asked else None)
    roll_call = RollCall(
        course=course, section=asked, title=title.strip(), secret=secrets.token_hex(16), opened_by=by, opened_at=now,
        expected=[each.user_id for each in students], late_from=now + timedelta(minutes=late_after),
        closes_at=now + timedelta(minutes=minutes),
    )  # fmt: skip
    session.add(roll_call)
    session.flush()
    excuse_who_has_leave(session, roll_call)
    facts = {"roll_call": roll_call.id, "title": roll_call.title, "section": section, "minutes": minutes}
    write_line(session, course=course, actor=by, action="attendance.opened", **facts)
    return roll_call


def find_section(session: Session, *, course: Course, name: str) -> Section:
    found = {each.name: each for each in queries.list_sections(session, course=course)}
    if name not in found:
        raise rules.NoSuchSection(name)
    return found[name]


def excuse_who_has_leave(session: Session, roll_call: RollCall) -> None:
    day = rules.day_of(roll_call.opened_at, roll_call.course.time_zone)
    for leave in queries.list_on_leave(session, course=roll_call.course, day=day):
        if leave.student_id in roll_call.expected:
            session.add(
                Sighting(
                    roll_call_id=roll_call.id, student_id=leave.student_id, presence=Presence.excused, source=Source.leave,
                    actor_id=leave.answered_by_id, reason=leave.reason,
                )
            )  # fmt: skip
    session.flush()


def close(session: Session, *, roll_call: RollCall, by: User, now: datetime) -> None:
    """Codes count no more. A second time it changes nothing."""
    if now >= roll_call.closes_at:
        return
    before = roll_call.closes_at
    roll_call.closes_at, roll_call.late_from = now, min(roll_call.late_from, now)
    session.flush()
    facts = {"roll_call": roll_call.id, "title": roll_call.title, "before": before.isoformat(), "now": now.isoformat()}
    write_line(session, course=roll_call.course, actor=by, action="attendance.closed", **facts)


def sign_in(session: Session, *, roll_call: RollCall, member: Enrollment, code: str, device: Mapping[str, str]) -> Sighting:
    """By the code on the wall. A wrong one is remembered, though the request is refused.

    The clock is read once the student's row is locked: who had to wait for it is judged by the moment that follows.
    """
    student = lock_student(session, roll_call.course, member)
    now = current_time(session)
    check_may_sign_in(session, roll_call, student, now)
    try:
        rules.check_code(code, secret=roll_call.secret, opened_at=roll_call.opened_at, now=now)
    except (rules.OldCode, rules.NotTheCode):
        remember_wrong_code(roll_call_id=roll_call.id, student_id=student.user_id, now=now)
        raise
    presence = rules.presence_at(now, late_from=roll_call.late_from, closes_at=roll_call.closes_at)
    return add_sighting(session, roll_call, student.user, presence, Source.code, by=student.user, **device)


def lock_student(session: Session, course: Course, member: Enrollment) -> Enrollment:
    student = queries.find_student(session, course=course, login=member.user.login, lock=True)
    if student is None:
        raise rules.StudentsOnly
    return student


def check_may_sign_in(session: Session, roll_call: RollCall, student: Enrollment, now: datetime) -> None:
    """Everything but the code itself."""
    if student.user_id not in roll_call.expected and roll_call.section_id not in (None, student.section_id):
        raise rules.NotInThisSection(roll_call.section.name if roll_call.section else "–")
    newest = queries.find_newest(session, roll_call=roll_call, student=student.user)
    if newest is not None and newest.presence in (Presence.present, Presence.late):
        raise rules.AlreadySeen(newest.presence)
    rules.presence_at(now, late_from=roll_call.late_from, closes_at=roll_call.closes_at)
    since = now - rules.WRONG_WINDOW
    wrong = queries.wrong_codes_at(session, roll_call=roll_call, student=student.user, since=since)
    rules.check_wrong_codes(wrong, now=now)


def remember_wrong_code(*, roll_call_id: int, student_id: int, now: datetime) -> None:
    """In a transaction of its own, because the refusal rolls the request's back."""
    with session_factory.begin() as session:
        mine = WrongCode.roll_call_id == roll_call_id, WrongCode.student_id == student_id
        session.execute(delete(WrongCode).where(*mine, WrongCode.at < now - rules.WRONG_WINDOW))
        session.add(WrongCode(roll_call_id=roll_call_id, student_id=student_id, at=now))


def mark(
    session: Session, *, roll_call: RollCall, login: str, presence: Presence, reason: str, seen: int | None, by: User
) -> Sighting:
    """A correction by staff. `seen`: id of the sighting they looked at, 0 for none; None: whatever stands there."""
    if presence is Presence.excused and not reason.strip():
        raise rules.ReasonMissing
    student = queries.find_student(session, course=roll_call.course, login=login, lock=True)
    if student is None:
        raise rules.NoSuchStudent(login)
    before = queries.find_newest(session, roll_call=roll_call, student=student.user)
    if seen is not None and seen != (before.id if before else 0):
        raise rules.MarkedMeanwhile(before.actor.display_name, before.presence, before.id)
    reason = reason.strip()[: rules.MAX_REASON]
    sighting = add_sighting(session, roll_call, student.user, presence, Source.staff, by=by, reason=reason or None)
    facts = {"roll_call": roll_call.id, "title": roll_call.title, "student": login, "now": presence, "reason": reason}
    facts["before"] = before.presence if before else None
    write_line(session, course=roll_call.course, actor=by, action="attendance.marked", **facts)
    return sighting


def add_sighting(
    session: Session, roll_call: RollCall, student: User, presence: Presence, source: Source, *, by: User, **more: str | None
) -> Sighting:
    sighting = Sighting(roll_call_id=roll_call.id, student_id=student.id, presence=presence, source=source, actor=by, **more)
    session.add(sighting)
    session.flush()
    return sighting


def presence_of(roll_call: RollCall, sighting: Sighting | None, *, student_id: int, now: datetime) -> Presence | None:
    """What counts; None: not asked, or still time. Who had to be there and was not seen is absent once it has closed."""
    if sighting is not None:
        return sighting.presence
    is_over = now >= roll_call.closes_at
    return Presence.absent if is_over and student_id in roll_call.expected else None


def shares(
    session: Session,
    course: Course,
    *,
    late_weight: Decimal = rules.LATE_WEIGHT,
    now: datetime | None = None,
    student_id: int | None = None,
) -> dict[int, rules.Share]:
    """Everybody's share of the course so far, or that of one, by the ids of its students; in a fixed number of queries."""
    now = now or current_time(session)
    held = [each for each in queries.list_roll_calls(session, course=course) if now >= each.closes_at]
    newest = queries.newest_presences(session, course=course, student_id=student_id)
    found: dict[int, list[Presence]] = defaultdict(list)
    for roll_call in held:
        for each, presence in counted_in(newest.get(roll_call.id, {}), roll_call.expected).items():
            found[each].append(presence)
    wanted = [each for each in queries.student_ids(session, course=course) if student_id in (None, each)]
    return {each: rules.share_of(found[each], late_weight=late_weight) for each in wanted}


def counted_in(presences: Mapping[int, Presence], expected: Iterable[int]) -> dict[int, Presence]:
    """In a roll call that is over, by student: who had to be there and was not seen is absent."""
    return dict.fromkeys(expected, Presence.absent) | dict(presences)


def is_student(member: Enrollment) -> bool:
    return member.role is Role.student

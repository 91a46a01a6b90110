"""Reading roll calls and what became of everybody in them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload, undefer

from server.accounts.models import User
from server.attendance.models import Leave, LeaveState, Presence, RollCall, Sighting, WrongCode
from server.courses.models import Course, Enrollment, Section
from server.courses.service import is_active_student
from server.errors import NotFound

Newest = Mapping[int, Mapping[int, Sighting]]  # roll call → student → what counts


def list_roll_calls(session: Session, *, course: Course) -> list[RollCall]:
    """In the order in which they were held."""
    query = select(RollCall).where(RollCall.course_id == course.id).order_by(RollCall.opened_at, RollCall.id)
    return list(session.scalars(query.options(undefer(RollCall.expected))))


def get_roll_call(session: Session, *, course: Course, roll_call_id: int) -> RollCall:
    query = select(RollCall).where(RollCall.course_id == course.id, RollCall.id == roll_call_id)
    found = session.scalar(query.options(undefer(RollCall.expected)))
    if found is None:
        raise NotFound
    return found


def list_sections(session: Session, *, course: Course) -> list[Section]:
    return list(session.scalars(select(Section).where(Section.course_id == course.id).order_by(Section.name)))


def list_students(session: Session, *, course: Course, section_id: int | None = None) -> list[Enrollment]:
    """Who is in the course now, each with the section; None: of all sections."""
    query = (
        select(Enrollment)
        .join(User, Enrollment.user)
        .where(Enrollment.course_id == course.id, is_active_student())
        .options(joinedload(Enrollment.section))
        .order_by(User.login)
    )
    if section_id is not None:
        query = query.where(Enrollment.section_id == section_id)
    return list(session.scalars(query))


def student_ids(session: Session, *, course: Course) -> list[int]:
    """Of who is in the course now."""
    return list(session.scalars(select(Enrollment.user_id).where(Enrollment.course_id == course.id, is_active_student())))


def find_student(session: Session, *, course: Course, login: str, lock: bool = False) -> Enrollment | None:
    """With `lock`, nobody else says anything about this student until the transaction ends."""
    query = (
        select(Enrollment)
        .join(User, Enrollment.user)
        .where(Enrollment.course_id == course.id, is_active_student(), User.login == login)
    )
    return session.scalar(query.with_for_update(of=Enrollment) if lock else query)


def newest_sightings(
    session: Session, *, course: Course, roll_call: RollCall | None = None, student: User | None = None
) -> Newest:
    """What counts for everybody; of one roll call, or of one student."""
    query = (
        select(Sighting)
        .join(RollCall, RollCall.id == Sighting.roll_call_id)
        .where(RollCall.course_id == course.id)
        .ext(distinct_on(Sighting.roll_call_id, Sighting.student_id))
        .order_by(Sighting.roll_call_id, Sighting.student_id, Sighting.id.desc())
    )
    if roll_call is not None:
        query = query.where(Sighting.roll_call_id == roll_call.id)
    if student is not None:
        query = query.where(Sighting.student_id == student.id)
    found: dict[int, dict[int, Sighting]] = {}
    for sighting in session.scalars(query):
        found.setdefault(sighting.roll_call_id, {})[sighting.student_id] = sighting
    return found


def newest_presences(session: Session, *, course: Course, student_id: int | None = None) -> Mapping[int, Mapping[int, Presence]]:
    """What counts for everybody, as plain words that the database has gathered: thousands of objects would take too long."""
    newest = (
        select(Sighting.roll_call_id, Sighting.student_id, Sighting.presence)
        .join(RollCall, RollCall.id == Sighting.roll_call_id)
        .where(RollCall.course_id == course.id)
        .ext(distinct_on(Sighting.roll_call_id, Sighting.student_id))
        .order_by(Sighting.roll_call_id, Sighting.student_id, Sighting.id.desc())
    )
    if student_id is not None:
        newest = newest.where(Sighting.student_id == student_id)
    alike = newest.subquery().c
    query = select(alike.roll_call_id, alike.presence, func.array_agg(alike.student_id)).group_by(
        alike.roll_call_id, alike.presence
    )
    found: dict[int, dict[int, Presence]] = {}
    for roll_call_id, presence, students in session.execute(query):
        found.setdefault(roll_call_id, {}).update(dict.fromkeys(students, presence))
    return found


def find_newest(session: Session, *, roll_call: RollCall, student: User) -> Sighting | None:
    query = select(Sighting).where(Sighting.roll_call_id == roll_call.id, Sighting.student_id == student.id)
    return session.scalar(query.order_by(Sighting.id.desc()).limit(1))


def list_by_code(session: Session, *, roll_call: RollCall) -> list[Sighting]:
    """Who typed the code, from which browser and address."""
    query = select(Sighting).where(Sighting.roll_call_id == roll_call.id, Sighting.browser.is_not(None)).order_by(Sighting.id)
    return list(session.scalars(query))


def wrong_codes_at(session: Session, *, roll_call: RollCall, student: User, since: datetime) -> Sequence[datetime]:
    mine = WrongCode.roll_call_id == roll_call.id, WrongCode.student_id == student.id, WrongCode.at > since
    return list(session.scalars(select(WrongCode.at).where(*mine)))


def list_leaves(session: Session, *, course: Course, student: User | None = None) -> list[Leave]:
    """Newest first."""
    query = select(Leave).where(Leave.course_id == course.id).order_by(Leave.id.desc())
    return list(session.scalars(query.where(Leave.student_id == student.id) if student else query))


def list_on_leave(session: Session, *, course: Course, day: date) -> list[Leave]:
    approved = Leave.course_id == course.id, Leave.state == LeaveState.approved
    return list(session.scalars(select(Leave).where(*approved, Leave.first_day <= day, Leave.last_day >= day)))


def get_leave(session: Session, *, course: Course, leave_id: int, student: User | None = None) -> Leave:
    """Locked, as whoever asks for it answers it. With `student`: only their own."""
    query = select(Leave).where(Leave.course_id == course.id, Leave.id == leave_id)
    if student is not None:
        query = query.where(Leave.student_id == student.id)
    found = session.scalar(query.with_for_update(of=Leave))
    if found is None:
        raise NotFound
    return found

"""What people set by hand: points in a cell, excuses, final grades, and how far a talk with a student has come."""

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.attendance.queries import find_student
from server.attendance.rules import NoSuchStudent
from server.audit import write_line
from server.courses.models import Course
from server.gradebook import queries, telling
from server.gradebook.models import ColumnMark, Contact, ContactState, GradeOverride, MarkKind
from server.gradebook.refusals import BadPoints, MarkedMeanwhile, NoSuchColumn, ReasonMissing
from server.gradebook.rules import FULL
from server.gradebook.scheme import shown

MAX_REASON = 500


def mark(
    session: Session,
    *,
    course: Course,
    login: str,
    key: str,
    kind: MarkKind,
    points: Decimal | None,
    reason: str,
    by: User,
    seen: int | None = None,
) -> ColumnMark:
    """Set one cell by hand. `seen`: id of the mark that was looked at, 0 for none; None: whatever stands there."""
    student = locked_student(session, course, login)
    column = queries.find_column(session, course=course, key=key)
    if column is None:
        raise NoSuchColumn(key)
    before = queries.find_mark(session, column=column, student_id=student.id)
    check_seen(before, seen)
    reason = check_reason(reason)
    if kind is not MarkKind.points:
        points = None
    elif points is None or not (points.is_finite() and 0 <= points <= column.full_points):
        raise BadPoints(column.full_points)
    found = ColumnMark(column_id=column.id, student_id=student.id, kind=kind, points=points, reason=reason, by=by)
    session.add(found)
    session.flush()
    facts = {"mark": found.id, "column": key, "student": login, "before": mark_facts(before), "now": mark_facts(found)}
    write_line(session, course=course, actor=by, action="gradebook.marked", **facts, reason=reason)
    telling.tell_mark(session, course=course, column=column, mark=found, student=student)
    return found


def mark_facts(found: ColumnMark | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"kind": found.kind, "points": None if found.points is None else shown(found.points)}


def override(
    session: Session, *, course: Course, login: str, grade: Decimal | None, reason: str, by: User, seen: int | None = None
) -> GradeOverride:
    """Set a final grade; None takes it back."""
    student = locked_student(session, course, login)
    before = queries.newest_overrides(session, course=course, student_id=student.id).get(student.id)
    check_seen(before, seen)
    reason = check_reason(reason)
    if grade is not None and not (grade.is_finite() and 0 <= grade <= FULL):
        raise BadPoints(FULL)
    found = GradeOverride(course_id=course.id, student_id=student.id, grade=grade, reason=reason, by=by)
    session.add(found)
    session.flush()
    facts = {"override": found.id, "student": login, "before": grade_facts(before), "now": grade_facts(found)}
    write_line(session, course=course, actor=by, action="gradebook.overridden", **facts, reason=reason)
    telling.tell_grade(session, course=course, override=found, student=student)
    return found


def grade_facts(found: GradeOverride | None) -> str | None:
    return None if found is None or found.grade is None else shown(found.grade)


def contact(
    session: Session,
    *,
    course: Course,
    login: str,
    state: ContactState,
    note: str,
    by: User,
    seen: int | None = None,
    text: str = "",
) -> Contact:
    """Write down how far the staff have come with a student; to close it takes a note.

    `written` sends the student `text`, or our own words where that is empty and nobody has written yet.
    """
    student = locked_student(session, course, login)
    before = queries.newest_contacts(session, course=course).get(student.id)
    check_seen(before, seen)
    note = check_reason(note) if state is ContactState.closed else note.strip()[:MAX_REASON]
    text = telling.checked_text(text, state)
    stood = before.state if before else ContactState.open
    found = Contact(course_id=course.id, student_id=student.id, state=state, note=note, text=text, by=by)
    session.add(found)
    session.flush()
    sends = state is ContactState.written and (bool(text) or stood is not ContactState.written)
    facts = {"student": login, "before": stood, "now": state} | ({"text": text} if text else {})
    write_line(session, course=course, actor=by, action="gradebook.contact", **facts, reason=note)
    if sends:
        telling.write_to(session, course=course, student=student, text=text, by=by)
    return found


def locked_student(session: Session, course: Course, login: str) -> User:
    """Nobody else sets anything for this student until the transaction ends."""
    found = find_student(session, course=course, login=login, lock=True)
    if found is None:
        raise NoSuchStudent(login)
    return found.user


def check_seen(before: ColumnMark | GradeOverride | Contact | None, seen: int | None) -> None:
    if seen is not None and seen != (before.id if before else 0):
        raise MarkedMeanwhile(before.by.display_name if before else "–", before.id if before else 0)


def check_reason(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[:MAX_REASON]

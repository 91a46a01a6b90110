"""Reading what a gradebook is made of, each in a fixed number of queries."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from server.assignments.models import Assignment
from server.attendance.models import Presence, RollCall, Sighting
from server.audit import AuditLine
from server.cases.models import PointChange
from server.courses.models import Course
from server.gradebook.models import ColumnMark, Contact, Gradebook, GradeCategory, GradeColumn, GradeLine, GradeOverride, MarkKind
from server.gradebook.rules import Line
from server.gradebook.scheme import Group, Scheme, Slot
from server.participation.models import Note
from server.submissions.models import Submission

Marks = Mapping[tuple[int, int], ColumnMark]  # (column, student) → the newest
LEDGER = ("gradebook.", "participation.", "dates.", "section.", "submission.return")  # of actions that grades follow from
Moments = Mapping[int, datetime]


def find_gradebook(session: Session, *, course: Course) -> Gradebook | None:
    return session.get(Gradebook, course.id)


def list_categories(session: Session, *, course: Course) -> list[GradeCategory]:
    query = select(GradeCategory).where(GradeCategory.course_id == course.id)
    return list(session.scalars(query.order_by(GradeCategory.position, GradeCategory.id)))


def list_columns(session: Session, *, course: Course) -> list[GradeColumn]:
    query = select(GradeColumn).where(GradeColumn.course_id == course.id)
    return list(session.scalars(query.order_by(GradeColumn.position, GradeColumn.id)))


def find_column(session: Session, *, course: Course, key: str) -> GradeColumn | None:
    return session.scalar(select(GradeColumn).where(GradeColumn.course_id == course.id, GradeColumn.key == key))


def find_scheme(session: Session, *, course: Course) -> tuple[Scheme, int] | None:
    """With its version; None where nothing is set up."""
    book = find_gradebook(session, course=course)
    if book is None:
        return None
    columns = list_columns(session, course=course)
    groups = [
        Group(each.name, each.weight, tuple(slot_of(column) for column in columns if column.category_id == each.id), each.drops)
        for each in list_categories(session, course=course)
    ]
    lines = session.scalars(select(GradeLine).where(GradeLine.course_id == course.id).order_by(GradeLine.least.desc()))
    aside = tuple(slot_of(column) for column in columns if column.category_id is None)
    listed = tuple(Line(each.name, each.least) for each in lines)
    return Scheme(tuple(groups), aside, listed, book.is_shown, book.is_over), book.version


def slot_of(column: GradeColumn) -> Slot:
    return Slot(column.kind, column.key, column.title, column.full_points)


def newest_marks(session: Session, *, course: Course, student_id: int | None = None) -> Marks:
    """Those that count; what was cleared is not among them."""
    query = (
        select(ColumnMark)
        .join(GradeColumn, GradeColumn.id == ColumnMark.column_id)
        .where(GradeColumn.course_id == course.id)
        .ext(distinct_on(ColumnMark.column_id, ColumnMark.student_id))
        .order_by(ColumnMark.column_id, ColumnMark.student_id, ColumnMark.id.desc())
    )
    if student_id is not None:
        query = query.where(ColumnMark.student_id == student_id)
    found = {(each.column_id, each.student_id): each for each in session.scalars(query)}
    return {place: each for place, each in found.items() if each.kind is not MarkKind.cleared}


def find_mark(session: Session, *, column: GradeColumn, student_id: int) -> ColumnMark | None:
    """The newest, also one that clears."""
    query = select(ColumnMark).where(ColumnMark.column_id == column.id, ColumnMark.student_id == student_id)
    return session.scalar(query.order_by(ColumnMark.id.desc()).limit(1))


def list_marks(session: Session, *, course: Course, student_id: int) -> list[ColumnMark]:
    """All that was ever set for a student, newest first."""
    columns = select(GradeColumn.id).where(GradeColumn.course_id == course.id)
    query = select(ColumnMark).where(ColumnMark.column_id.in_(columns), ColumnMark.student_id == student_id)
    return list(session.scalars(query.order_by(ColumnMark.id.desc())))


def newest_overrides(session: Session, *, course: Course, student_id: int | None = None) -> dict[int, GradeOverride]:
    """By student, those that set a grade and those that take one back."""
    query = (
        select(GradeOverride)
        .where(GradeOverride.course_id == course.id)
        .ext(distinct_on(GradeOverride.student_id))
        .order_by(GradeOverride.student_id, GradeOverride.id.desc())
    )
    if student_id is not None:
        query = query.where(GradeOverride.student_id == student_id)
    return {each.student_id: each for each in session.scalars(query)}


def newest_contacts(session: Session, *, course: Course) -> dict[int, Contact]:
    query = select(Contact).where(Contact.course_id == course.id).ext(distinct_on(Contact.student_id))
    return {each.student_id: each for each in session.scalars(query.order_by(Contact.student_id, Contact.id.desc()))}


def changes_by_case(session: Session, *, course: Course) -> dict[tuple[int, int], Decimal]:
    """(assignment, student) → points that people have taken off, below 0. Those of one attempt are in its score already."""
    query = (
        select(PointChange.assignment_id, PointChange.student_id, func.sum(PointChange.points))
        .join(Assignment, Assignment.id == PointChange.assignment_id)
        .where(Assignment.course_id == course.id, PointChange.submission_id.is_(None))
        .group_by(PointChange.assignment_id, PointChange.student_id)
    )
    return {(assignment_id, student_id): points for assignment_id, student_id, points in session.execute(query) if points}


def last_handed_in(session: Session, *, course: Course) -> Moments:
    query = (
        select(Submission.author_id, func.max(Submission.received_at))
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Assignment.course_id == course.id)
        .group_by(Submission.author_id)
    )
    return dict(session.execute(query).all())


def last_there(session: Session, *, course: Course) -> Moments:
    """When somebody was last present or late in a roll call, as far as that still stands."""
    newest = (
        select(Sighting.student_id, Sighting.presence, RollCall.opened_at)
        .join(RollCall, RollCall.id == Sighting.roll_call_id)
        .where(RollCall.course_id == course.id)
        .ext(distinct_on(Sighting.roll_call_id, Sighting.student_id))
        .order_by(Sighting.roll_call_id, Sighting.student_id, Sighting.id.desc())
        .subquery()
    )
    was_there = newest.c.presence.in_([Presence.present, Presence.late])
    query = select(newest.c.student_id, func.max(newest.c.opened_at)).where(was_there).group_by(newest.c.student_id)
    return dict(session.execute(query).all())


def last_noted(session: Session, *, course: Course) -> Moments:
    kept = Note.course_id == course.id, Note.taken_back_at.is_(None)
    return dict(session.execute(select(Note.student_id, func.max(Note.recorded_at)).where(*kept).group_by(Note.student_id)).all())


def list_changes(session: Session, *, course: Course) -> list[AuditLine]:
    """Lines of the audit log that grades follow from, oldest first."""
    follows = or_(*(AuditLine.action.startswith(each) for each in LEDGER))
    query = select(AuditLine).where(AuditLine.course_id == course.id, follows)
    return list(session.scalars(query.order_by(AuditLine.id)))

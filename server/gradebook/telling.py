"""Telling a student what people have set by hand, once grades are shown, and what the staff write to one who is warned."""

from collections.abc import Set
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.rules import is_listed
from server.courses.models import Course, Role
from server.gradebook import queries
from server.gradebook.models import ColumnKind, ColumnMark, ContactState, GradeColumn, GradeOverride, MarkKind
from server.gradebook.refusals import TextTooLong, TextWithoutWriting
from server.gradebook.scheme import Scheme, shown
from server.messages.models import Kind, PersonalMessage
from server.messages.rules import spell
from server.messages.service import notify

MAX_TEXT = 2000


def tell_mark(session: Session, *, course: Course, column: GradeColumn, mark: ColumnMark, student: User) -> None:
    """Only of what stands on the student's own sheet."""
    found = queries.find_scheme(session, course=course)
    if found is not None and column.key in seen_keys(found[0]) and is_on_sheet(column):
        link = f"/courses/{course.slug}/gradebook#column-{column.key}"
        notify(session, to=student, kind=Kind.mark_set, link=link, course=course, **facts_of(column, mark))


def facts_of(column: GradeColumn, mark: ColumnMark) -> dict[str, Any]:
    facts = {"mark": mark.id, "what": mark.kind, "by": mark.by.display_name, "reason": mark.reason} | named(column)
    if mark.kind is MarkKind.points:
        facts |= {"points": shown(mark.points), "full": shown(column.full_points)}
    return facts


def named(column: GradeColumn) -> dict[str, str]:
    if column.assignment is not None:
        return {"assignment": column.assignment.slug}
    if column.kind is ColumnKind.manual:
        return {"title": column.title or column.key}
    return {"in_class": column.kind.value}


def tell_grade(session: Session, *, course: Course, override: GradeOverride, student: User) -> None:
    found = queries.find_scheme(session, course=course)
    if found is None or not found[0].is_shown:
        return
    facts = {"override": override.id, "by": override.by.display_name, "reason": override.reason}
    grade = None if override.grade is None else shown(override.grade)
    link = f"/courses/{course.slug}/gradebook"
    notify(session, to=student, kind=Kind.grade_set, link=link, course=course, **facts, grade=grade)


def tell_what_stands(session: Session, *, course: Course, before: Scheme | None, now: Scheme) -> None:
    """What was set by hand while students could not see it, once they can; nothing is told twice."""
    fresh = seen_keys(now) - (seen_keys(before) if before else frozenset())
    is_first_shown = now.is_shown and not (before and before.is_shown)
    if not fresh and not is_first_shown:
        return
    columns = {each.id: each for each in queries.list_columns(session, course=course) if each.key in fresh}
    told = told_ids(session, course, Kind.mark_set, "mark")
    for (column_id, student_id), mark in queries.newest_marks(session, course=course).items():
        if column_id in columns and mark.id not in told:
            student = session.get_one(User, student_id)
            tell_mark(session, course=course, column=columns[column_id], mark=mark, student=student)
    if is_first_shown:
        told = told_ids(session, course, Kind.grade_set, "override")
        for student_id, override in queries.newest_overrides(session, course=course).items():
            if override.grade is not None and override.id not in told:
                tell_grade(session, course=course, override=override, student=session.get_one(User, student_id))


def told_ids(session: Session, course: Course, kind: Kind, fact: str) -> Set[int]:
    query = select(PersonalMessage.facts[fact].astext).where(PersonalMessage.course_id == course.id, PersonalMessage.kind == kind)
    return {int(each) for each in session.scalars(query)}


def seen_keys(scheme: Scheme) -> frozenset[str]:
    """Columns that students see: those that count, once grades are shown."""
    return frozenset(key for each in scheme.categories for key in each.columns) if scheme.is_shown else frozenset()


def is_on_sheet(column: GradeColumn) -> bool:
    """An assignment that only staff know of is not told of by its points."""
    return column.assignment is None or is_listed(column.assignment, role=Role.student)


def checked_text(text: str, state: ContactState) -> str:
    """Raises TextTooLong; TextWithoutWriting where nothing would be sent."""
    text = text.strip()
    if len(text) > MAX_TEXT:
        raise TextTooLong(MAX_TEXT)
    if text and state is not ContactState.written:
        raise TextWithoutWriting
    return text


def write_to(session: Session, *, course: Course, student: User, text: str, by: User) -> None:
    notify(session, to=student, kind=Kind.early_warning, link=f"/courses/{course.slug}", course=course, **written(text, by))


def written(text: str, by: User) -> dict[str, str]:
    """Our own words name nobody."""
    return {"text": text, "by": by.display_name} if text else {}


def draft_of(course: Course, text: str, by: User) -> PersonalMessage:
    """As the student would get it; kept nowhere."""
    kind = Kind.early_warning
    return PersonalMessage(course=course, kind=kind, facts=spell(kind, written(text.strip(), by)), link=f"/courses/{course.slug}")

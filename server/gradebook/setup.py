"""Setting a gradebook up: what is proposed, and what was wanted put in force under the course's row."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from grader.spec import UnknownAssignment
from server.accounts.models import User
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.audit import write_line
from server.courses.models import Course, Role
from server.gradebook import queries, scheme
from server.gradebook.models import ColumnKind, Gradebook, GradeCategory, GradeColumn, GradeLine
from server.gradebook.refusals import NoSuchColumn, SetUpMeanwhile
from server.gradebook.scheme import Scheme, Slot
from server.gradebook.telling import tell_what_stands


def proposed(session: Session, *, course: Course, root: Path) -> Scheme:
    """From what is set in the course by now."""
    listed = assignments.list_assignments(session, course=course, role=Role.instructor)
    return scheme.propose([found for each in listed if (found := described(each, root)) is not None])


def described(assignment: Assignment, root: Path) -> tuple[str, str, Decimal] | None:
    """Slug, kind and full points; None where its folder is gone."""
    try:
        manifest = assignments.manifest_of(assignment, root=root)
    except UnknownAssignment:
        return None
    return assignment.slug, manifest.kind, sum((part.points for part in manifest.parts), Decimal(0))


def offered(session: Session, *, course: Course, root: Path) -> tuple[Scheme, int]:
    """What the set-up begins with, and its version: what holds, with what was set since put aside; or the proposal, and 0."""
    found, fresh = queries.find_scheme(session, course=course), proposed(session, course=course, root=root)
    if found is None:
        return fresh, 0
    held, version = found
    known = {slot.key for slot in held.slots}
    missing = tuple(slot for slot in fresh.slots if slot.key not in known)
    return replace(held, aside=(*held.aside, *missing)), version


def set_up(session: Session, *, course: Course, wanted: Scheme, by: User, version: int) -> Scheme:
    """Put it in force; `version`: what was looked at, 0 where nothing was set up. Columns left out are put aside."""
    session.execute(select(Course.id).where(Course.id == course.id).with_for_update(key_share=True))
    found = queries.find_scheme(session, course=course)
    before, held = found if found else (None, 0)
    if version != held:
        raise SetUpMeanwhile
    scheme.check(wanted)
    columns = {each.key: each for each in queries.list_columns(session, course=course)}
    book = queries.find_gradebook(session, course=course)
    if book is None:
        session.add(book := Gradebook(course_id=course.id))
    for each in columns.values():
        each.category_id = None
    session.flush()
    session.execute(delete(GradeCategory).where(GradeCategory.course_id == course.id))
    put_columns(session, course, columns, wanted)
    put_lines(session, course, wanted)
    book.is_shown, book.is_over, book.version = wanted.is_shown, wanted.is_over, held + 1
    session.flush()
    now, _ = queries.find_scheme(session, course=course)
    if before != now:
        facts = {"before": before and scheme.as_facts(before), "now": scheme.as_facts(now)}
        write_line(session, course=course, actor=by, action="gradebook.set_up", **facts)
        tell_what_stands(session, course=course, before=before, now=now)
    return now


def put_columns(session: Session, course: Course, columns: Mapping[str, GradeColumn], wanted: Scheme) -> None:
    """Categories anew, in their order; columns stay what they are, since marks stand in them."""
    place = 0
    for position, group in enumerate(wanted.groups):
        category = GradeCategory(course_id=course.id, name=group.name, weight=group.weight, drops=group.drops, position=position)
        session.add(category)
        session.flush()
        for slot in group.slots:
            place = put_column(session, course, columns, slot, category.id, place)
    for slot in wanted.aside:
        place = put_column(session, course, columns, slot, None, place)


def put_column(
    session: Session, course: Course, columns: Mapping[str, GradeColumn], slot: Slot, category_id: int | None, place: int
) -> int:
    """Returns the place of the next one."""
    column = columns.get(slot.key or "") or new_column(session, course, slot)
    column.category_id, column.position, column.full_points = category_id, place, slot.full
    if column.kind is ColumnKind.manual:
        column.title = slot.title
    session.add(column)
    session.flush()
    return place + 1


def new_column(session: Session, course: Course, slot: Slot) -> GradeColumn:
    """Of an assignment of the course, of attendance or participation; or one that staff fill in, with the next free key."""
    if slot.kind is ColumnKind.assignment:
        assignment = assignments.find_assignment(session, course=course, slug=slot.key or "")
        if assignment is None:
            raise NoSuchColumn(slot.key or "")
        return GradeColumn(course_id=course.id, kind=slot.kind, key=assignment.slug, assignment=assignment)
    if slot.kind is not ColumnKind.manual:
        return GradeColumn(course_id=course.id, kind=slot.kind, key=str(slot.kind))
    taken = {each.key for each in queries.list_columns(session, course=course)}
    key = next(name for n in range(1, len(taken) + 2) if (name := f"manual-{n}") not in taken)
    return GradeColumn(course_id=course.id, kind=slot.kind, key=key)


def put_lines(session: Session, course: Course, wanted: Scheme) -> None:
    session.execute(delete(GradeLine).where(GradeLine.course_id == course.id))
    session.add_all([GradeLine(course_id=course.id, name=each.name, least=each.least) for each in wanted.lines])
    session.flush()

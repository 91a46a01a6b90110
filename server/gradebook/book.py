"""Everybody in every column, with where it comes from, and the grade that follows; in a fixed number of queries."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.spec import Manifest, UnknownAssignment
from server.assignments import service as assignments
from server.assignments.models import Assignment, Counts
from server.assignments.rules import is_held_back
from server.attendance import service as attendance
from server.attendance.queries import list_students
from server.attendance.rules import Share
from server.courses.models import Course, Enrollment, Role
from server.deadlines.queries import Account, dates_of, is_competition, open_accounts
from server.deadlines.rules import Counted, Dates
from server.gradebook import queries
from server.gradebook.models import ColumnKind, ColumnMark, GradeColumn, GradeOverride, MarkKind
from server.gradebook.refusals import NotSetUp
from server.gradebook.rules import Category, Cell, Grade, Line, Standing, grade_of, line_of
from server.gradebook.scheme import Scheme
from server.leaderboard.boards import Boards
from server.leaderboard.views import open_board, points_by_login
from server.participation import service as participation
from server.participation.rules import Points

NONE, WHOLE = Decimal(0), Decimal(1)
TITLES = {
    ColumnKind.attendance: Text(en="Attendance", zh="考勤"),
    ColumnKind.participation: Text(en="Participation", zh="课堂参与"),
}


class Source(StrEnum):
    """Where the points of a cell come from."""

    run = "run"
    board = "board"
    roll_calls = "roll_calls"
    notes = "notes"
    staff = "staff"
    nothing = "nothing"


@dataclass(frozen=True)
class Entry:
    """A cell with its origin. `points`: of the column's full ones, None where there are none to show.

    `change`: what people have taken off in a case, below 0. `mark`: what somebody has set by hand, and counts.
    """

    cell: Cell
    points: Decimal | None
    source: Source
    counted: Counted | None = None
    change: Decimal | None = None
    awaits: bool = False
    mark: ColumnMark | None = None


@dataclass(frozen=True)
class Column:
    """A column as it is shown. `competition`: its points go by place."""

    id: int
    key: str
    kind: ColumnKind
    title: Text
    full: Decimal
    category: str | None
    assignment: Assignment | None
    is_competition: bool


@dataclass(frozen=True)
class Sheet:
    """One student's line."""

    student: Enrollment
    by_itself: Mapping[str, Entry]  # what the columns give
    entries: Mapping[str, Entry]  # with what people have set
    grade: Grade
    line: Line | None  # that the grade so far reaches
    override: GradeOverride | None

    @property
    def login(self) -> str:
        return self.student.user.login

    @property
    def section(self) -> str:
        return self.student.section.name if self.student.section else ""


@dataclass(frozen=True)
class Facts:
    """All that a book is made of beside what people have set by hand."""

    accounts: Mapping[int, Account]
    places: Mapping[int, Mapping[str, Decimal]]  # assignment → login → points, where it is a competition
    changes: Mapping[tuple[int, int], Decimal]
    shares: Mapping[int, Share]
    noted: Mapping[int, Points]
    held_back: frozenset[int]  # assignments: exams of which the reader is told nothing before the release
    now: datetime
    dates: Mapping[str, tuple[int, Dates]]  # by slug an assignment's id and dates, before anybody was given more time
    competitions: Set[int]


@dataclass(frozen=True)
class Book:
    course: Course
    scheme: Scheme
    version: int
    columns: Sequence[Column]
    sheets: Sequence[Sheet]
    facts: Facts
    categories: Sequence[Category] = field(default=())

    @cached_property
    def by_login(self) -> Mapping[str, Sheet]:
        return {each.login: each for each in self.sheets}


def book_of(
    session: Session,
    *,
    course: Course,
    reader: Enrollment,
    boards: Boards,
    root: Path,
    now: datetime,
    student_id: int | None = None,
    for_students: bool = False,
) -> Book:
    """Of all students, or of one. `reader`: as whom boards are asked; places that are not released count for nobody.

    for_students: what leaves for them, whoever asks: nothing of it is released later.
    """
    found = queries.find_scheme(session, course=course)
    if found is None:
        raise NotSetUp
    scheme, version = found
    columns = [column_of(each, scheme, root) for each in queries.list_columns(session, course=course)]
    students = [each for each in list_students(session, course=course) if student_id in (None, each.user_id)]
    told = Role.student if for_students else reader.role
    where = {"reader": reader, "told": told, "boards": boards, "root": root, "now": now}
    facts = facts_of(session, course=course, columns=columns, students=students, **where)
    marks = queries.newest_marks(session, course=course, student_id=student_id)
    overrides = queries.newest_overrides(session, course=course, student_id=student_id)
    sheets = [sheet_of(each, columns, scheme, facts, marks, overrides.get(each.user_id)) for each in students]
    return Book(course, scheme, version, columns, sheets, facts, scheme.categories)


def facts_of(
    session: Session,
    *,
    course: Course,
    columns: Sequence[Column],
    students: Sequence[Enrollment],
    reader: Enrollment,
    told: Role,
    boards: Boards,
    root: Path,
    now: datetime,
) -> Facts:
    """told: whose eyes it is for."""
    kinds = {each.kind for each in columns}
    listed = assignments.list_assignments(session, course=course, role=Role.instructor)
    only = students[0].user_id if len(students) == 1 else None
    places = {
        each.assignment.id: places_of(session, each.assignment, reader, told, boards, root, now)
        for each in columns
        if each.assignment and each.is_competition
    }
    return Facts(
        accounts=open_accounts(
            session,
            course=course,
            student_ids=[each.user_id for each in students],
            root=root,
            for_students=not told.is_staff,
        ),
        places=places,
        changes=queries.changes_by_case(session, course=course),
        shares=attendance.shares(session, course, now=now, student_id=only) if ColumnKind.attendance in kinds else {},
        noted=participation.points(session, course) if ColumnKind.participation in kinds else {},
        held_back=frozenset(each.assignment.id for each in columns if is_secret(each, told)),
        now=now,
        dates={each.slug: (each.id, dates_of(each)) for each in listed},
        competitions={each.id for each in listed if is_competition(each, root)},
    )


def is_secret(column: "Column", told: Role) -> bool:
    return column.assignment is not None and is_held_back(column.assignment, role=told)


def places_of(
    session: Session, assignment: Assignment, reader: Enrollment, told: Role, boards: Boards, root: Path, now: datetime
) -> dict[str, Decimal]:
    """A student is told of nobody's place before it is released."""
    if assignment.released_at is None and not told.is_staff:
        return {}
    board = open_board(
        session,
        boards=boards,
        assignment=assignment,
        manifest=assignments.manifest_of(assignment, root=root),
        folder=assignments.folder_of(assignment, root=root),
        membership=reader,
        now=now,
    )
    return points_by_login(board)


def column_of(column: GradeColumn, scheme: Scheme, root: Path) -> Column:
    category = next((each.name for each in scheme.groups if column.key in {slot.key for slot in each.slots}), None)
    manifest = manifest_of(column.assignment, root) if column.assignment else None
    typed = column.title or column.key
    title = manifest.title if manifest else TITLES.get(column.kind, Text(en=typed, zh=typed))
    is_competition = manifest is not None and manifest.competition is not None
    return Column(column.id, column.key, column.kind, title, column.full_points, category, column.assignment, is_competition)


def manifest_of(assignment: Assignment, root: Path) -> Manifest | None:
    try:
        return assignments.manifest_of(assignment, root=root)
    except UnknownAssignment:
        return None


def sheet_of(
    student: Enrollment,
    columns: Sequence[Column],
    scheme: Scheme,
    facts: Facts,
    marks: queries.Marks,
    override: GradeOverride | None,
) -> Sheet:
    by_itself = {each.key: entry_of(each, student, facts, is_over=scheme.is_over) for each in columns}
    entries = {each.key: with_mark(by_itself[each.key], mark_of(each, student, facts, marks), each.full) for each in columns}
    given = override.grade if override else None
    grade = grade_of(scheme.categories, {key: each.cell for key, each in entries.items()}, override=given)
    line = None if grade.so_far is None else line_of(scheme.lines, grade.so_far)
    return Sheet(student, by_itself, entries, grade, line, override if given is not None else None)


def mark_of(column: Column, student: Enrollment, facts: Facts, marks: queries.Marks) -> ColumnMark | None:
    is_told = column.assignment is None or column.assignment.id not in facts.held_back
    return marks.get((column.id, student.user_id)) if is_told else None


def with_mark(entry: Entry, mark: ColumnMark | None, full: Decimal) -> Entry:
    """What somebody has set by hand counts in place of what the column gives."""
    if mark is None:
        return entry
    if mark.kind is MarkKind.excused:
        return Entry(Cell(Standing.excused), entry.points, Source.staff, entry.counted, entry.change, mark=mark)
    cell = Cell(Standing.scored, part(mark.points or NONE, full))
    return Entry(cell, mark.points, Source.staff, entry.counted, entry.change, mark=mark)


def entry_of(column: Column, student: Enrollment, facts: Facts, *, is_over: bool) -> Entry:
    """What a column gives by itself."""
    if column.assignment is not None:
        if column.assignment.id in facts.held_back:
            return Entry(Cell(Standing.open), None, Source.nothing)
        account = facts.accounts[student.user_id]
        change = facts.changes.get((column.assignment.id, student.user_id))
        if column.is_competition:
            places = facts.places[column.assignment.id]
            is_released = column.assignment.released_at is not None
            return placed_entry(places.get(student.user.login), change, column.full, is_released=is_released)
        return handed_in(account, column.assignment, change, column.full, now=facts.now)
    if column.kind is ColumnKind.attendance:
        return attended(facts.shares.get(student.user_id), column.full, is_over=is_over)
    if column.kind is ColumnKind.participation:
        return contributed(facts.noted.get(student.user_id), column.full, is_over=is_over)
    return Entry(Cell(Standing.missing if is_over else Standing.open), None, Source.nothing)


def handed_in(account: Account, assignment: Assignment, change: Decimal | None, full: Decimal, *, now: datetime) -> Entry:
    """What counts of all attempts. While something may still be handed in or is not graded, it can end elsewhere."""
    counted, awaits = account.settled[assignment.id], account.awaits(assignment.id)
    is_closed = now >= account.dates[assignment.id].closes_at and account.open_fix(assignment.id, now) is None
    points = None if counted is None else max(NONE, counted.total + (change or NONE))
    if points is None:
        standing = Standing.missing if is_closed and not awaits else Standing.open
        return Entry(Cell(standing), None, Source.nothing, change=change, awaits=awaits)
    share = part(points, full)
    if is_closed and not awaits:
        return Entry(Cell(Standing.scored, share), points, Source.run, counted, change)
    least = share if assignment.counts is Counts.best else NONE
    standing = Standing.open if awaits else Standing.scored
    return Entry(Cell(standing, share, least, WHOLE), points, Source.run, counted, change, awaits)


def placed_entry(points: Decimal | None, change: Decimal | None, full: Decimal, *, is_released: bool) -> Entry:
    """By the place on the board; before the release it is only what a release would give, and nothing follows from it."""
    if points is not None:
        points = max(NONE, points + (change or NONE))
    if not is_released:
        return Entry(Cell(Standing.open), points, Source.board if points is not None else Source.nothing, change=change)
    if points is None:
        return Entry(Cell(Standing.missing), None, Source.nothing, change=change)
    return Entry(Cell(Standing.scored, part(points, full)), points, Source.board, change=change)


def attended(share: Share | None, full: Decimal, *, is_over: bool) -> Entry:
    """Until the term is over, further roll calls may move it either way."""
    if share is None or share.fraction is None:
        is_excused = is_over and share is not None
        return Entry(Cell(Standing.excused if is_excused else Standing.open), None, Source.nothing)
    cell = Cell(Standing.scored, share.fraction) if is_over else Cell(Standing.scored, share.fraction, NONE, WHOLE)
    return Entry(cell, share.fraction * full, Source.roll_calls)


def contributed(noted: Points | None, full: Decimal, *, is_over: bool) -> Entry:
    """Until the term is over, more may be noted."""
    share = part(noted.counted, noted.most) if noted else NONE
    cell = Cell(Standing.scored, share) if is_over else Cell(Standing.scored, share, share, WHOLE)
    return Entry(cell, share * full, Source.notes)


def part(points: Decimal, full: Decimal) -> Decimal:
    """0..1: bonus points beyond the full ones count nothing here."""
    return min(WHOLE, max(NONE, points / full))

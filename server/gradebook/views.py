"""What the pages, the API and the terminal show of a book: the list of warnings, a sheet's reckoning, statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from server.attendance.queries import list_roll_calls
from server.courses.models import Course
from server.gradebook import queries, warnings
from server.gradebook.book import Book, Column, Sheet
from server.gradebook.models import ColumnKind, Contact, ContactState
from server.gradebook.rules import FULL, CategoryGrade, Cell, Grade, Standing, grade_of
from server.gradebook.statistics import Spread, spread_of, spread_of_grades
from server.gradebook.warnings import Reason


@dataclass(frozen=True)
class Warned:
    """A student on the list, and how far the staff have come."""

    sheet: Sheet
    reasons: Sequence[Reason]
    contact: Contact | None

    @property
    def state(self) -> ContactState:
        return self.contact.state if self.contact else ContactState.open


def warned_of(session: Session, book: Book, *, now: datetime) -> list[Warned]:
    """Who has most reasons first; of equals, whose grade so far is lowest. A closed talk goes to the end."""
    contacts = queries.newest_contacts(session, course=book.course)
    seen = last_seen(session, book.course)
    begun = [each.assignment.opens_at for each in book.columns if each.assignment and each.assignment.opens_at <= now]
    works = sorted((each for each in book.columns if each.assignment), key=lambda each: (each.assignment.due_at, each.id))
    is_open = any(each.assignment.opens_at <= now < each.assignment.closes_at for each in works)
    found = []
    for sheet in book.sheets:
        cells = [(column.key, sheet.entries[column.key].cell) for column in works if is_told(sheet, column)]
        since = seen.get(sheet.student.user_id) or min(begun, default=now)
        reasons = warnings.reasons_of(cells, last_seen=since, now=now, is_work_open=is_open)
        if reasons:
            found.append(Warned(sheet, reasons, contacts.get(sheet.student.user_id)))
    return sorted(found, key=lambda each: (each.state is ContactState.closed, -len(each.reasons), each.sheet.grade.so_far or 0))


def is_told(sheet: Sheet, column: Column) -> bool:
    """Points by place do not compare with those of a homework; that nothing was handed in does."""
    return not column.is_competition or sheet.entries[column.key].cell.standing is Standing.missing


def last_seen(session: Session, course: Course) -> Mapping[int, datetime]:
    """Handing in, being in class, taking part: whichever was last."""
    found: dict[int, datetime] = {}
    for moments in (
        queries.last_handed_in(session, course=course),
        queries.last_there(session, course=course),
        queries.last_noted(session, course=course),
    ):
        for student_id, moment in moments.items():
            found[student_id] = max(found.get(student_id, moment), moment)
    return found


@dataclass(frozen=True)
class Statistics:
    grades: Spread
    columns: Sequence[tuple[Column, Spread]]
    by_line: Sequence[tuple[str | None, int]]  # None: below all lines


def statistics_of(book: Book) -> Statistics:
    reached = [each.line.name if each.line else None for each in book.sheets if each.grade.so_far is not None]
    names = [*(each.name for each in book.scheme.lines), None]
    columns = [(each, spread_of(book, each.key, each.full)) for each in book.columns]
    return Statistics(spread_of_grades(book.sheets), columns, [(name, reached.count(name)) for name in names])


@dataclass(frozen=True)
class Part:
    """A category in a student's sheet. `worth`: points of the grade it can give in all; x and widths from 0 to 100."""

    grade: CategoryGrade
    worth: Decimal
    x: float
    width: float
    filled: float
    columns: Sequence[Column]


def parts_of(book: Book, grade: Grade) -> list[Part]:
    """The grade as a bar: each category as wide as its weight, filled as far as it has come."""
    whole = sum((each.category.weight for each in grade.categories), Decimal(0)) or FULL
    parts, x = [], 0.0
    for each in grade.categories:
        worth = each.category.weight * FULL / whole
        width = float(worth)
        columns = [column for column in book.columns if column.key in each.category.columns]
        parts.append(Part(each, worth, round(x, 2), round(width, 2), round(width * float(each.share or 0), 2), columns))
        x += width
    return parts


def what_if(book: Book, sheet: Sheet, assumed: Mapping[str, Decimal]) -> Grade:
    """The grade if these columns ended with so many of their full points; the same function as for the real one."""
    full = {each.key: each.full for each in book.columns}
    cells = {key: entry.cell for key, entry in sheet.entries.items()}
    for key, points in assumed.items():
        if key in cells and cells[key].standing is not Standing.excused:
            cells[key] = Cell(Standing.scored, min(Decimal(1), max(Decimal(0), points / full[key])))
    return grade_of(book.categories, cells)


def can_assume(sheet: Sheet, column: Column) -> bool:
    """What can still change may be played with."""
    cell = sheet.entries[column.key].cell
    return column.category is not None and (cell.standing is Standing.open or cell.lowest != cell.highest)


def in_class(session: Session, book: Book, *, now: datetime) -> int:
    """How many roll calls the attendance column is made of."""
    if not any(each.kind is ColumnKind.attendance for each in book.columns):
        return 0
    return sum(now >= each.closes_at for each in list_roll_calls(session, course=book.course))

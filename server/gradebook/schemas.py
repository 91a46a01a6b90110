"""JSON shapes of the gradebook."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from grader.protocol import Text
from server.gradebook import service
from server.gradebook.book import Book, Column, Entry, Sheet, Source
from server.gradebook.models import ColumnKind, ColumnMark, Contact, ContactState, GradeOverride, MarkKind
from server.gradebook.replay import Difference
from server.gradebook.rules import FULL, Grade, Line, Standing
from server.gradebook.scheme import Group, Scheme, Slot, as_facts
from server.gradebook.statistics import Spread
from server.gradebook.telling import MAX_TEXT
from server.gradebook.views import Statistics, Warned
from server.gradebook.warnings import Why

Points = Decimal


class SlotIn(BaseModel):
    """`key`: the assignment's slug, `attendance`, `participation`, `manual-1`; left out for a new column that staff fill in."""

    model_config = ConfigDict(extra="forbid")

    kind: ColumnKind = ColumnKind.assignment
    key: str | None = None
    title: str | None = None
    full: Points = FULL

    def slot(self) -> Slot:
        return Slot(self.kind, self.key, self.title, self.full)


class GroupIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    weight: Points
    drops: int = 0
    columns: list[SlotIn]

    def group(self) -> Group:
        return Group(self.name, self.weight, tuple(each.slot() for each in self.columns), self.drops)


class LineIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    least: Points


class SchemeIn(BaseModel):
    """`version`: of what was looked at; 0 where nothing was set up."""

    model_config = ConfigDict(extra="forbid")

    categories: list[GroupIn]
    aside: list[SlotIn] = []
    lines: list[LineIn] = []
    is_shown: bool = False
    is_over: bool = False
    version: int

    def scheme(self) -> Scheme:
        lines = tuple(Line(each.name, each.least) for each in self.lines)
        groups = tuple(each.group() for each in self.categories)
        return Scheme(groups, tuple(each.slot() for each in self.aside), lines, self.is_shown, self.is_over)


class SchemeOut(SchemeIn):
    """`is_proposed`: nothing is set up yet, this is what usually fits."""

    is_proposed: bool

    @classmethod
    def of(cls, scheme: Scheme, version: int) -> Self:
        return cls(**as_facts(scheme), version=version, is_proposed=version == 0)


class NewMark(BaseModel):
    """`seen`: id of the mark that was looked at, 0 for none; where another stands there by now, nothing is changed."""

    kind: MarkKind = MarkKind.points
    points: Points | None = None
    reason: str = Field("", max_length=service.MAX_REASON)
    seen: int | None = None


class MarkOut(BaseModel):
    id: int
    kind: MarkKind
    points: Points | None
    reason: str
    by: str
    at: datetime

    @classmethod
    def of(cls, mark: ColumnMark) -> Self:
        return cls(id=mark.id, kind=mark.kind, points=mark.points, reason=mark.reason, by=mark.by.login, at=mark.at)


class NewOverride(BaseModel):
    """`grade` null: what the columns give counts again."""

    grade: Points | None
    reason: str = Field("", max_length=service.MAX_REASON)
    seen: int | None = None


class OverrideOut(BaseModel):
    id: int
    grade: Points | None
    reason: str
    by: str
    at: datetime

    @classmethod
    def of(cls, found: GradeOverride) -> Self:
        return cls(id=found.id, grade=found.grade, reason=found.reason, by=found.by.login, at=found.at)


class ColumnOut(BaseModel):
    key: str
    kind: ColumnKind
    title: Text
    full: Points
    category: str | None

    @classmethod
    def of(cls, column: Column) -> Self:
        return cls(**{name: getattr(column, name) for name in ("key", "kind", "title", "full", "category")})


class CellOut(BaseModel):
    """`share`: 0..1 of the full points. `awaits`: something of it is not graded yet. `change`: taken off in a case."""

    standing: Standing
    share: Decimal
    points: Points | None
    source: Source
    change: Points | None
    awaits: bool
    mark: MarkOut | None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        fields = {name: getattr(entry, name) for name in ("points", "source", "change", "awaits")}
        mark = MarkOut.of(entry.mark) if entry.mark else None
        return cls(standing=entry.cell.standing, share=entry.cell.share, mark=mark, **fields)


class GradeOut(BaseModel):
    """`so_far`: over what is decided; `lowest` and `highest`: where it can still end."""

    so_far: Points | None
    lowest: Points
    highest: Points
    points: dict[str, Points]  # by category, of the grade
    dropped: list[str]

    @classmethod
    def of(cls, grade: Grade) -> Self:
        points = {each.category.name: each.points for each in grade.categories}
        dropped = [key for each in grade.categories for key in each.dropped]
        return cls(so_far=grade.so_far, lowest=grade.lowest, highest=grade.highest, points=points, dropped=dropped)


class SheetOut(BaseModel):
    login: str
    name: str
    student_number: str | None
    section: str | None
    grade: GradeOut
    line: str | None
    override: OverrideOut | None
    cells: dict[str, CellOut]

    @classmethod
    def of(cls, sheet: Sheet) -> Self:
        user = sheet.student.user
        return cls(
            login=user.login,
            name=user.display_name,
            student_number=user.student_number,
            section=sheet.section or None,
            grade=GradeOut.of(sheet.grade),
            line=sheet.line.name if sheet.line else None,
            override=OverrideOut.of(sheet.override) if sheet.override else None,
            cells={key: CellOut.of(entry) for key, entry in sheet.entries.items()},
        )


class BookOut(BaseModel):
    columns: list[ColumnOut]
    students: list[SheetOut]

    @classmethod
    def of(cls, book: Book, sheets: list[Sheet]) -> Self:
        return cls(columns=[ColumnOut.of(each) for each in book.columns], students=[SheetOut.of(each) for each in sheets])


class OwnOut(BaseModel):
    columns: list[ColumnOut]
    sheet: SheetOut

    @classmethod
    def of(cls, book: Book) -> Self:
        return cls(columns=[ColumnOut.of(each) for each in book.columns], sheet=SheetOut.of(book.sheets[0]))


class SpreadOut(BaseModel):
    count: int
    mean: Points | None
    median: Points | None
    lower: Points | None
    upper: Points | None
    least: Points | None
    most: Points | None
    missing: int
    open: int
    excused: int
    histogram: list[int]

    @classmethod
    def of(cls, spread: Spread) -> Self:
        counts = {"missing": spread.missing, "open": spread.open, "excused": spread.excused}
        return cls(**vars(spread.summary), **counts, histogram=[bar.count for bar in spread.bars])


class StatisticsOut(BaseModel):
    """`by_line`: how many grades so far reach a line and no higher one; `""` for below all."""

    grades: SpreadOut
    columns: dict[str, SpreadOut]
    by_line: dict[str, int]

    @classmethod
    def of(cls, found: Statistics) -> Self:
        columns = {column.key: SpreadOut.of(spread) for column, spread in found.columns}
        return cls(grades=SpreadOut.of(found.grades), columns=columns, by_line={name or "": n for name, n in found.by_line})


class ReasonOut(BaseModel):
    why: Why
    works: list[str]
    first: Decimal
    last: Decimal
    days: int


class NewContact(BaseModel):
    state: ContactState
    note: str = Field("", max_length=service.MAX_REASON)
    seen: int | None = None
    text: str = Field("", max_length=MAX_TEXT, description="With `written`: what the student is sent; empty: our own words.")


class ContactOut(BaseModel):
    """`text`: what the student was sent with it."""

    id: int
    state: ContactState
    note: str
    text: str
    by: str
    at: datetime

    @classmethod
    def of(cls, found: Contact) -> Self:
        return cls(id=found.id, state=found.state, note=found.note, text=found.text, by=found.by.login, at=found.at)


class WarnedOut(BaseModel):
    login: str
    name: str
    so_far: Points | None
    reasons: list[ReasonOut]
    state: ContactState
    contact: ContactOut | None

    @classmethod
    def of(cls, found: Warned) -> Self:
        reasons = [ReasonOut(**vars(each)) for each in found.reasons]
        contact = ContactOut.of(found.contact) if found.contact else None
        user, grade = found.sheet.student.user, found.sheet.grade
        facts = {"login": user.login, "name": user.display_name, "so_far": grade.so_far}
        return cls(**facts, reasons=reasons, state=found.state, contact=contact)


class VerifiedOut(BaseModel):
    """`differences`: by login, what the log gives and what the book says."""

    students: int
    lines: int
    differences: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, students: int, lines: int, found: list[Difference]) -> Self:
        pairs = {
            each.login: {"logged": each.logged and GradeOut.of(each.logged), "shown": GradeOut.of(each.shown)} for each in found
        }
        return cls(students=students, lines=lines, differences=pairs)

"""The same grades again from nothing but lines of the audit log and rows that are only ever added."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from server.audit import AuditLine
from server.deadlines import replay as deadlines
from server.deadlines.queries import Account
from server.gradebook.book import Book, Column, Sheet, handed_in
from server.gradebook.models import ColumnKind, MarkKind
from server.gradebook.rules import Cell, Grade, Standing, grade_of
from server.gradebook.scheme import Scheme, from_facts
from server.participation.rules import points_of
from server.participation.service import DEFAULTS


@dataclass
class Ledger:
    """What the lines add up to. Marks by column and login; notes that still stand by their number."""

    scheme: Scheme | None = None
    marks: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    overrides: dict[str, Decimal | None] = field(default_factory=dict)
    notes: dict[int, tuple[str, Decimal]] = field(default_factory=dict)
    most: Decimal = DEFAULTS["most"]
    lateness: deadlines.Settlement = field(default_factory=deadlines.Settlement)

    def noted(self, login: str) -> Decimal:
        """0..1 of the most that counts."""
        mine = [points for owner, points in self.notes.values() if owner == login]
        found = points_of(mine, most=self.most)
        return found.counted / found.most


def fold(lines: Iterable[AuditLine]) -> Ledger:
    """Oldest line first."""
    ledger = Ledger()
    for line in lines:
        take(ledger, line.action, line.subject)
    return ledger


def take(ledger: Ledger, action: str, subject: Mapping[str, Any]) -> None:
    match action:
        case "gradebook.set_up":
            ledger.scheme = from_facts(subject["now"])
        case "gradebook.marked":
            ledger.marks[subject["column"], subject["student"]] = subject["now"]
        case "gradebook.overridden":
            ledger.overrides[subject["student"]] = None if subject["now"] is None else Decimal(subject["now"])
        case "participation.noted":
            ledger.notes[subject["note"]] = subject["student"], Decimal(subject["points"])
        case "participation.taken_back":
            ledger.notes.pop(subject["note"], None)
        case "participation.points_set" if "most" in subject["now"]:
            ledger.most = Decimal(subject["now"]["most"])
        case _:
            deadlines.take(ledger.lateness, action, subject)


@dataclass(frozen=True)
class Difference:
    """`logged`: what the lines give; `shown`: what the book says."""

    login: str
    logged: Grade | None
    shown: Grade


def differences(book: Book, ledger: Ledger) -> list[Difference]:
    """Whose grade by the lines is another than by the tables; runs, sightings and point changes are only ever added."""
    pairs = [(sheet, logged_grade(book, sheet, ledger)) for sheet in book.sheets]
    return [Difference(sheet.login, logged, sheet.grade) for sheet, logged in pairs if not is_same(logged, sheet.grade)]


def is_same(one: Grade | None, other: Grade) -> bool:
    return one is not None and (one.so_far, one.lowest, one.highest) == (other.so_far, other.lowest, other.highest)


def logged_grade(book: Book, sheet: Sheet, ledger: Ledger) -> Grade | None:
    if ledger.scheme is None:
        return None
    full = {slot.key: slot.full for slot in ledger.scheme.slots}
    account = logged_account(book, sheet, ledger)
    cells = {}
    for column in book.columns:
        mark = ledger.marks.get((column.key, sheet.login), {"kind": MarkKind.cleared})
        worth = full.get(column.key, column.full)
        cells[column.key] = logged_cell(mark, cell_by_itself(book, sheet, ledger, column, account, worth), worth)
    return grade_of(ledger.scheme.categories, cells, override=ledger.overrides.get(sheet.login))


def logged_account(book: Book, sheet: Sheet, ledger: Ledger) -> Account:
    """What was handed in, settled by the policies, extensions and dates that the lines give."""
    facts, whose = book.facts, {"login": sheet.login, "section": sheet.section}
    account = facts.accounts[sheet.student.user_id]
    return deadlines.account_by(account, ledger.lateness, **whose, dates=facts.dates, free=facts.competitions)


def cell_by_itself(book: Book, sheet: Sheet, ledger: Ledger, column: Column, account: Account, full: Decimal) -> Cell:
    """What the column gives; boards and roll calls are made of rows that are only ever added."""
    if column.kind is ColumnKind.participation:
        share = ledger.noted(sheet.login)
        return Cell(Standing.scored, share) if ledger.scheme.is_over else Cell(Standing.scored, share, share, Decimal(1))
    if column.assignment is None or column.is_competition:
        return sheet.by_itself[column.key].cell
    change = book.facts.changes.get((column.assignment.id, sheet.student.user_id))
    return handed_in(account, column.assignment, change, full, now=book.facts.now).cell


def logged_cell(mark: Mapping[str, Any], by_itself: Cell, full: Decimal) -> Cell:
    if mark["kind"] == MarkKind.excused:
        return Cell(Standing.excused)
    if mark["kind"] == MarkKind.points:
        return Cell(Standing.scored, min(Decimal(1), Decimal(mark["points"]) / full))
    return by_itself

"""A book as a file: CSV, a workbook with typed cells, and the format that Canvas imports. Nothing in it is ever a formula."""

import io
from collections.abc import Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from server import spreadsheet
from server.gradebook.book import Book, Column, Entry, Sheet
from server.gradebook.rules import CENT, Grade, Standing

Value = str | Decimal | None

LEADING = ("login", "student number", "name", "section")
ENDING = ("grade so far", "line", "lowest", "highest", "set by hand")
CELLS = ("login", "column", "title", "points", "full points", "standing", "source", "change", "reason", "by", "at")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
EXCUSED = "EX"  # as Canvas writes it
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def decided(entry: Entry, full: Decimal) -> Decimal | None:
    """Points that count by now; a missing work is 0, and what is open or excused is nothing."""
    if entry.cell.standing is Standing.missing:
        return Decimal(0)
    return (entry.cell.share * full).quantize(CENT) if entry.cell.standing is Standing.scored else None


def as_csv(book: Book) -> str:
    return spreadsheet.as_csv(grade_rows(book))


def as_canvas(book: Book) -> str:
    """First row: who, then titles with our keys; second row: points possible. Canvas finds people by their SIS ids.

    Without a mark at the beginning, which Canvas would take for part of the first name.
    """
    titles = [f"{each.title.en} [{each.key}]" for each in book.columns]
    possible = ["    Points Possible", "", "", "", "", *(each.full.quantize(CENT) for each in book.columns)]
    return spreadsheet.as_csv([[*CANVAS, *titles], possible, *(canvas_row(book, sheet) for sheet in book.sheets)], mark="")


def canvas_row(book: Book, sheet: Sheet) -> list[Value]:
    user, entries = sheet.student.user, [(sheet.entries[each.key], each.full) for each in book.columns]
    scores = [EXCUSED if entry.cell.standing is Standing.excused else decided(entry, full) for entry, full in entries]
    return [user.display_name, "", user.student_number, user.login, sheet.section, *scores]


def grade_rows(book: Book) -> list[list[Value]]:
    head = [*LEADING, *(f"{each.title.en} ({each.full.normalize():f})" for each in book.columns), *ENDING]
    return [head, *([*leading(sheet), *scores_of(book, sheet), *ending(sheet, sheet.grade)] for sheet in book.sheets)]


def leading(sheet: Sheet) -> list[Value]:
    user = sheet.student.user
    return [user.login, user.student_number, user.display_name, sheet.section]


def scores_of(book: Book, sheet: Sheet) -> list[Value]:
    entries = [(sheet.entries[each.key], each.full) for each in book.columns]
    return ["excused" if entry.cell.standing is Standing.excused else decided(entry, full) for entry, full in entries]


def ending(sheet: Sheet, grade: Grade) -> list[Value]:
    line = sheet.line.name if sheet.line else None
    return [grade.so_far, line, grade.lowest, grade.highest, sheet.override.reason if sheet.override else None]


def as_workbook(book: Book) -> bytes:
    """Grades in the first sheet, every cell with its origin in the second."""
    return workbook_of([("Grades", grade_rows(book), "D2"), ("Cells", [list(CELLS), *cell_rows(book)], "A2")])


def workbook_of(sheets: Sequence[tuple[str, Sequence[Sequence[Value]], str]]) -> bytes:
    """sheets: title, rows of which the first is the head, and the cell before which everything stays in sight."""
    workbook = Workbook(write_only=True)
    for title, rows, frozen in sheets:
        fill(workbook.create_sheet(title), rows, frozen=frozen)
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def cell_rows(book: Book) -> list[list[Value]]:
    return [cell_row(sheet, column, sheet.entries[column.key]) for sheet in book.sheets for column in book.columns]


def cell_row(sheet: Sheet, column: Column, entry: Entry) -> list[Value]:
    points = None if entry.points is None else entry.points.quantize(CENT)
    by_hand = [entry.mark.reason, entry.mark.by.login, entry.mark.at.isoformat(timespec="seconds")] if entry.mark else [None] * 3
    standing, source = entry.cell.standing.value, entry.source.value
    return [sheet.login, column.key, column.title.en, points, column.full, standing, source, entry.change, *by_hand]


def fill(sheet: WriteOnlyWorksheet, rows: Sequence[Sequence[Value]], *, frozen: str) -> None:
    """Numbers as numbers, text as text."""
    sheet.freeze_panes = frozen
    head, *others = rows
    sheet.append([titled(sheet, value) for value in head])
    number = WriteOnlyCell(sheet)
    number.number_format = "0.00"
    for row in others:
        sheet.append(typed(sheet, value, number) for value in row)  # each is written before the next is asked for


def titled(sheet: WriteOnlyWorksheet, value: Value) -> Cell:
    cell = text_cell(sheet, str(value))
    cell.font = Font(bold=True)
    return cell


def typed(sheet: WriteOnlyWorksheet, value: Value, number: Cell) -> Cell | str | None:
    """`number`: one cell that all numbers are written by."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        number.value = value
        return number
    clean = ILLEGAL_CHARACTERS_RE.sub("", value)
    return text_cell(sheet, clean) if clean.startswith("=") else clean


def text_cell(sheet: WriteOnlyWorksheet, value: str) -> Cell:
    """openpyxl itself would make a formula of a name that begins with `=`."""
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell

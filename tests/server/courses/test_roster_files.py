"""Rosters as registrars send them."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from server.courses import roster_files
from server.courses.roster_files import UnreadableRoster, read_sheet

TEXT = "学号,姓名\n0012,林晓\n"


def workbook(*rows: tuple, formats: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for place, number_format in (formats or {}).items():
        book.active[place].number_format = number_format
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_kind_of_csv_reads_the_same(encoding: str, delimiter: str) -> None:
    sheet = read_sheet(TEXT.replace(",", delimiter).encode(encoding))
    assert sheet.header == ["学号", "姓名"]
    assert sheet.rows == [(2, ["0012", "林晓"])]


def test_lines_keep_their_numbers_across_empty_ones_and_breaks_in_cells() -> None:
    sheet = read_sheet('\n学号,姓名\n\n1,"Lin\nXiao"\n2,Ma\n'.encode())
    assert [line for line, _ in sheet.rows] == [4, 6]


def test_a_quotation_mark_that_is_left_open_is_named_by_its_line() -> None:
    with pytest.raises(UnreadableRoster, match="Line 2"):
        read_sheet('学号,姓名\n1,"Lin\n'.encode())


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00\x01\x02", b"PK\x03\x04nonsense"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableRoster):
        read_sheet(content)


def test_numbers_of_a_workbook_keep_their_digits_and_the_zeros_of_their_format() -> None:
    rows = ("学号", "姓名"), (2023012345, "a"), (42, "b"), ("0042", "c"), (2023012345.0, "d")
    sheet = read_sheet(workbook(*rows, formats={"A3": "00000000"}))
    assert [cells[0] for _, cells in sheet.rows] == ["2023012345", "00000042", "0042", "2023012345"]
    assert sheet.faults == []


def test_a_number_that_a_spreadsheet_cannot_keep_is_a_fault() -> None:
    sheet = read_sheet(workbook(("学号", "姓名"), (202301234567890123, "a")))
    assert [(fault.line, fault.column) for fault in sheet.faults] == [(2, "学号")]


def test_a_formula_is_read_as_text() -> None:
    sheet = read_sheet(workbook(("学号", "姓名"), ("1", '=HYPERLINK("http://x","y")')))
    assert sheet.rows == [(2, ["1", '=HYPERLINK("http://x","y")'])]


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    content = workbook(("学号", "姓名"), ("1", "a"))
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/large.bin", bytes(roster_files.MAX_UNPACKED_BYTES))
    assert len(buffer.getvalue()) < roster_files.MAX_BYTES
    with pytest.raises(UnreadableRoster, match="unpacks"):
        read_sheet(buffer.getvalue())


def test_caps_on_bytes_rows_columns_and_cells() -> None:
    for content in (
        b"x" * (roster_files.MAX_BYTES + 1),
        b"a,b\n" + b"1,2\n" * (roster_files.MAX_ROWS + 1),
        b"a" + b",a" * roster_files.MAX_COLUMNS + b"\n1\n",
        b"a,b\n1," + b"x" * (roster_files.MAX_CELL + 1),
    ):
        with pytest.raises(UnreadableRoster):
            read_sheet(content)


def test_a_cell_far_down_costs_no_time() -> None:
    book = Workbook()
    book.active["A1048576"] = "x"
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(UnreadableRoster):
        read_sheet(buffer.getvalue())

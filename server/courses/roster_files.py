"""Reads a roster as a registrar sends it: CSV in the usual encodings, or XLSX. Cells come out as text, nothing is computed."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from grader.protocol import Text
from server.errors import AppError

MAX_BYTES, MAX_UNPACKED_BYTES, MAX_PARTS = 2 << 20, 32 << 20, 500
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 5000, 50, 500
MOST_EMPTY = 20_000  # rows of a workbook may be far apart
EXACT_DIGITS = 15  # more than these a spreadsheet does not keep of a number
DELIMITERS = ",;\t，；"
ZEROS = re.compile(r"0+")


class UnreadableRoster(AppError):
    status, code = 422, "unreadable_roster"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell, or with a line as a whole. `column`: as its head is spelled."""

    line: int
    column: str
    said: Text


@dataclass(frozen=True)
class Sheet:
    """The first line that is not empty, and those below it, each with its number in the file."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    header_line: int = 1
    faults: list[Fault] = field(default_factory=list)


def read_sheet(content: bytes) -> Sheet:
    """Which kind of file it is says the file itself, not its name."""
    if len(content) > MAX_BYTES:
        raise UnreadableRoster(
            f"The file is larger than {MAX_BYTES >> 20} MiB. A roster needs a few columns only; remove the others.",
            f"文件超过 {MAX_BYTES >> 20} MiB。名单只需几列，请删去其余内容。",
        )
    lines, faults = read_workbook(content) if content.startswith(b"PK") else (read_text(content), [])
    return lay_out(lines, faults)


def lay_out(lines: Iterable[tuple[int, list[str]]], faults: list[Fault]) -> Sheet:
    rows: list[tuple[int, list[str]]] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        check_size(number, cells)
        rows.append((number, cells))
        if len(rows) > MAX_ROWS + 1:
            raise UnreadableRoster(f"The file has more than {MAX_ROWS} lines.", f"文件超过 {MAX_ROWS} 行。")
    if not rows:
        raise UnreadableRoster(
            "The file is empty. Its first line names the columns, such as 学号, 姓名, 邮箱, 班级.",
            "文件是空的。第一行应为列名，例如：学号、姓名、邮箱、班级。",
        )
    (header_line, header), *rest = rows
    named = [Fault(each.line, header[int(each.column)] if int(each.column) < len(header) else "", each.said) for each in faults]
    return Sheet([head.strip() for head in header], rest, header_line, named)


def check_size(line: int, cells: list[str]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise UnreadableRoster(
            f"Line {line} has more than {MAX_COLUMNS} columns.", f"第 {line} 行超过 {MAX_COLUMNS} 列。", line=line
        )
    if any(len(cell) > MAX_CELL for cell in cells):
        raise UnreadableRoster(
            f"A cell in line {line} has more than {MAX_CELL} characters. Is a quotation mark open?",
            f"第 {line} 行有单元格超过 {MAX_CELL} 个字符，是否有引号没有闭合？",
            line=line,
        )


def read_text(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = decode(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableRoster(
            f"Line {line} cannot be read: {error}. Check its quotation marks.", f"第 {line} 行无法读取，请检查引号。", line=line
        ) from error


def decode(content: bytes) -> str:
    """UTF-8, with or without a mark; UTF-16 with one; otherwise GB 18030, as spreadsheets in China write it."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableRoster(
        "This is neither a table in text (UTF-8 or GB 18030) nor an .xlsx file. Save it as CSV UTF-8 or as .xlsx.",
        "文件既不是文本表格（UTF-8 或 GB 18030），也不是 .xlsx。请另存为“CSV UTF-8”或 .xlsx。",
    )


def delimiter_of(text: str) -> str:
    """What stands most often in the first line that has anything in it."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def read_workbook(content: bytes) -> tuple[list[tuple[int, list[str]]], list[Fault]]:
    """The first sheet. Formulas stay text; what it would unpack to is known before anything is unpacked."""
    try:
        check_parts(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        return read_cells(sheet.iter_rows(max_col=MAX_COLUMNS + 1))
    except UnreadableRoster:
        raise
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, TypeError, SyntaxError, OSError) as error:
        raise UnreadableRoster(
            "This .xlsx file is damaged or of another kind. Open it, save it as .xlsx once more, or as CSV UTF-8.",
            "该 .xlsx 文件已损坏或格式不符。请打开后重新另存为 .xlsx 或“CSV UTF-8”。",
        ) from error


def check_parts(content: bytes) -> None:
    """By the sizes that the archive declares: reading a part stops at its size."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise UnreadableRoster(
            "This .xlsx file unpacks to far more than a roster needs. Copy the columns into a new file.",
            "该 .xlsx 解压后远大于名单所需。请把需要的列复制到新文件。",
        )


def read_cells(rows: Iterable[tuple[Any, ...]]) -> tuple[list[tuple[int, list[str]]], list[Fault]]:
    """Faults name a column by its index; `lay_out` puts its head there."""
    lines, faults = [], []
    for number, row in enumerate(rows, start=1):
        if number > MOST_EMPTY or len(lines) > MAX_ROWS + 1:
            raise UnreadableRoster(f"The sheet has more than {MAX_ROWS} lines.", f"工作表超过 {MAX_ROWS} 行。")
        cells = [text_of(cell) for cell in row]
        faults += [Fault(number, str(index), TOO_MANY_DIGITS) for index, cell in enumerate(row) if has_lost_digits(cell)]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            lines.append((number, cells))
    return lines, faults


TOO_MANY_DIGITS = Text(
    en=f"A number of more than {EXACT_DIGITS} digits: a spreadsheet keeps only the first {EXACT_DIGITS}. "
    "Format the column as text and enter it anew.",
    zh=f"超过 {EXACT_DIGITS} 位的数字：电子表格只保留前 {EXACT_DIGITS} 位。请把该列设为文本格式后重新填写。",
)


def has_lost_digits(cell: Any) -> bool:
    value = cell.value
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 10**EXACT_DIGITS


def text_of(cell: Any) -> str:
    """As a person sees it: a whole number by its digits, with the leading zeros that its format asks for."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        shown = (cell.number_format or "").split(";")[0]
        return str(value).zfill(len(shown)) if ZEROS.fullmatch(shown) else str(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value)

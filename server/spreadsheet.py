"""Rows as CSV for spreadsheets. Names are read as UTF-8, and nothing in a cell is ever a formula."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

MARK = "\ufeff"  # by which Excel knows UTF-8
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Iterable[object]], *, mark: str = MARK) -> str:
    """The first row is the head; None is an empty cell. `mark`: what the file begins with."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([as_cell(value) for value in row] for row in rows)
    return mark + text.getvalue()


def as_cell(value: object) -> str:
    """Only text can be a formula: a number below 0 stays one."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(STARTS_FORMULA) else value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)

"""The whole board as a file: with student numbers for staff, without for everybody else."""

import csv
import io
from collections.abc import Iterable, Iterator

from server.leaderboard.schemas import RowOut

COLUMNS = ["rank", "name", "metric", "low", "high", "score", "max_score", "attempts", "received_at"]
STAFF_COLUMNS = ["login", "real_name"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[RowOut], *, for_staff: bool) -> str:
    """UTF-8 with a mark, so that spreadsheets read the names; what would be a formula there is made text."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    columns = COLUMNS + (STAFF_COLUMNS if for_staff else [])
    writer.writerow(columns)
    writer.writerows(_cells(row, columns) for row in rows)
    return buffer.getvalue()


def _cells(row: RowOut, columns: list[str]) -> Iterator[str]:
    values = row.model_dump(mode="json")
    for column in columns:
        value = values[column]
        text = "" if value is None else str(value)
        yield f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text

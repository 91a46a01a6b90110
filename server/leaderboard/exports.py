"""The whole board as a file: with student numbers for staff, without for everybody else."""

from collections.abc import Iterable

from server import spreadsheet
from server.leaderboard.schemas import RowOut

COLUMNS = ["rank", "name", "metric", "low", "high", "score", "max_score", "attempts", "received_at"]
STAFF_COLUMNS = ["login", "real_name"]


def as_csv(rows: Iterable[RowOut], *, for_staff: bool) -> str:
    columns = COLUMNS + (STAFF_COLUMNS if for_staff else [])
    values = [row.model_dump(mode="json") for row in rows]
    return spreadsheet.as_csv([columns, *([each[column] for column in columns] for each in values)])

"""Pairs as a file."""

import csv
import io
from collections.abc import Iterable

from server.leaderboard.exports import FORMULA
from server.similarity.queries import PairRow, SideRow

COLUMNS = (
    "pair", "similarity", "features", "functions", "left_login", "left_name", "left_attempt", "left_submission", "right_login",
    "right_name", "right_attempt", "right_submission", "right_archive", "facts", "added_later", "opinion", "reviewer",
)  # fmt: skip


def as_csv(rows: Iterable[PairRow]) -> str:
    """UTF-8 with a mark, so that spreadsheets read the names; what would be a formula there is made text."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _line(row)] for row in rows)
    return buffer.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


def _line(row: PairRow) -> tuple[object, ...]:
    review = (row.review.opinion, row.review.reviewer) if row.review else (None, None)
    facts = " ".join(fact["kind"] for fact in row.facts)
    sides = *_side(row.left), *_side(row.right), row.right.archive
    return row.id, f"{row.similarity:.4f}", row.features, row.functions, *sides, facts, row.added_later, *review


def _side(side: SideRow) -> tuple[object, ...]:
    return side.login, side.name, side.attempt, side.submission_id

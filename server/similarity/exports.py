"""Pairs as a file."""

from collections.abc import Iterable

from server import spreadsheet
from server.similarity.queries import PairRow, SideRow

COLUMNS = (
    "pair", "similarity", "features", "functions", "left_login", "left_name", "left_attempt", "left_submission", "right_login",
    "right_name", "right_attempt", "right_submission", "right_archive", "facts", "added_later", "opinion", "reviewer",
)  # fmt: skip


def as_csv(rows: Iterable[PairRow]) -> str:
    return spreadsheet.as_csv([COLUMNS, *map(_line, rows)])


def _line(row: PairRow) -> tuple[object, ...]:
    review = (row.review.opinion, row.review.reviewer) if row.review else (None, None)
    facts = " ".join(fact["kind"] for fact in row.facts)
    sides = *_side(row.left), *_side(row.right), row.right.archive
    return row.id, f"{row.similarity:.4f}", row.features, row.functions, *sides, facts, row.added_later, *review


def _side(side: SideRow) -> tuple[object, ...]:
    return side.login, side.name, side.attempt, side.submission_id

"""Who may need a word before it is too late: falling scores, missing work, silent weeks. Values in, answer out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from server.gradebook.rules import Cell, Standing

FALL, LAST = Decimal("0.20"), 3  # so much over the last three works, each below the one before
MISSING = 2  # works
SILENT = timedelta(days=14)


class Why(StrEnum):
    falling = "falling"
    missing = "missing"
    silent = "silent"


@dataclass(frozen=True)
class Reason:
    """`works`: the columns it is about. `first` and `last`: shares, where they fall. `days`: of silence."""

    why: Why
    works: tuple[str, ...] = ()
    first: Decimal = Decimal(0)
    last: Decimal = Decimal(0)
    days: int = 0


def reasons_of(works: Sequence[tuple[str, Cell]], *, last_seen: datetime, now: datetime, is_work_open: bool) -> list[Reason]:
    """works: columns by what was due first, with their cells. last_seen: the last sign of life, or when the course began."""
    found = [falling(works), missing(works), silent(last_seen, now=now) if is_work_open else None]
    return [each for each in found if each]


def falling(works: Sequence[tuple[str, Cell]]) -> Reason | None:
    """What is missing is another matter."""
    scored = [(key, cell.share) for key, cell in works if cell.standing is Standing.scored][-LAST:]
    shares = [share for _, share in scored]
    is_falling = len(shares) == LAST and shares == sorted(shares, reverse=True) and len(set(shares)) == LAST
    if not is_falling or shares[0] - shares[-1] < FALL:
        return None
    return Reason(Why.falling, tuple(key for key, _ in scored), shares[0], shares[-1])


def missing(works: Sequence[tuple[str, Cell]]) -> Reason | None:
    keys = tuple(key for key, cell in works if cell.standing is Standing.missing)
    return Reason(Why.missing, keys) if len(keys) >= MISSING else None


def silent(last_seen: datetime, *, now: datetime) -> Reason | None:
    span = now - last_seen
    return Reason(Why.silent, days=span.days) if span >= SILENT else None

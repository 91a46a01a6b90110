"""How a class has done in a column or in all: middle, spread, histogram. Values in, answer out."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from server.gradebook.book import Book, Sheet
from server.gradebook.rules import CENT, FULL, Standing
from server.leaderboard.plots import SIDE, Bar, histogram


@dataclass(frozen=True)
class Summary:
    """Of `count` values; None where there are none. Quartiles as Excel's QUARTILE.INC has them."""

    count: int
    mean: Decimal | None = None
    median: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True)
class Spread:
    """A summary with its drawing: bars, and from 0 to 100 where the box and its middle stand."""

    summary: Summary
    full: Decimal
    bars: Sequence[Bar]
    missing: int = 0
    open: int = 0
    excused: int = 0

    @property
    def box(self) -> tuple[float, float, float] | None:
        """Lower quartile, median, upper quartile."""
        found = self.summary
        if found.lower is None or found.median is None or found.upper is None:
            return None
        low, middle, high = (round(SIDE * float(each / self.full), 2) for each in (found.lower, found.median, found.upper))
        return low, middle, high


def summary_of(values: Sequence[Decimal]) -> Summary:
    if not values:
        return Summary(0)
    ordered = sorted(values)
    lower, median, upper = statistics.quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else ordered * 3
    mean = sum(ordered, Decimal(0)) / len(ordered)
    rounded = [each.quantize(CENT) for each in (mean, median, lower, upper)]
    return Summary(len(ordered), *rounded, ordered[0], ordered[-1])


def spread_of(book: Book, key: str, full: Decimal) -> Spread:
    """Of a column: what is decided, a missing one as 0; what is open or excused is only counted."""
    entries = [sheet.entries[key] for sheet in book.sheets]
    standings = [each.cell.standing for each in entries]
    values = [each.cell.share * full for each in entries if each.cell.standing in (Standing.scored, Standing.missing)]
    counts = {name: standings.count(name) for name in (Standing.missing, Standing.open, Standing.excused)}
    return Spread(summary_of(values), full, histogram(values, full), *counts.values())


def spread_of_grades(sheets: Sequence[Sheet]) -> Spread:
    """Of the grades so far."""
    values = [each.grade.so_far for each in sheets if each.grade.so_far is not None]
    return Spread(summary_of(values), FULL, histogram(values, FULL), open=len(sheets) - len(values))

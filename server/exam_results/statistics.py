"""How each item of an exam has done: facility, discrimination, spread. Values in, answer out.

Facility: the mean share of the points. Discrimination: Pearson's correlation of an item's points with the points of the
rest of the paper, which for an item of right and wrong is the point-biserial one; the item itself is left out of the rest,
or it would correlate with itself. Source: Henrysson, "Correction of item-total correlations in item analysis",
Psychometrika 28 (1963); Crocker and Algina, "Introduction to Classical and Modern Test Theory" (1986), chapter 14.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

FEWEST = 5  # with fewer students a correlation says nothing
WEAK = 0.1  # an item below tells the strong from the weak hardly at all
NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class ItemStatistics:
    """Of `count` students. facility: 0..1. discrimination: -1..1, None where too few or all alike. full, part, none: how many."""

    id: str
    count: int
    facility: float | None
    discrimination: float | None
    full: int
    part: int
    none: int
    minutes: float | None = None  # in how many minutes, on average, it was changed

    @property
    def is_suspicious(self) -> bool:
        """The strong do no better in it than the weak: the question or its key may be wrong."""
        return self.discrimination is not None and self.discrimination < WEAK


Points = Sequence[Mapping[str, Decimal]]  # of each student, by item


def item_statistics(id: str, worth: Decimal, points: Points, minutes: Sequence[int] = ()) -> ItemStatistics:
    """points: of all students who handed in; who has no points in the item, not even 0, is not counted in it."""
    mine = [each for each in points if id in each]
    own = [float(each[id]) for each in mine]
    rest = [float(sum((value for name, value in each.items() if name != id), Decimal(0))) for each in mine]
    full = sum(each[id] >= worth for each in mine)
    none = sum(each[id] <= 0 for each in mine)
    return ItemStatistics(
        id=id,
        count=len(mine),
        facility=sum(own) / len(own) / float(worth) if own else None,
        discrimination=correlation(own, rest) if len(mine) >= FEWEST else None,
        full=full,
        part=len(mine) - full - none,
        none=none,
        minutes=sum(minutes) / len(minutes) if minutes else None,
    )


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Pearson's, -1..1; None where either does not vary."""
    n = len(one)
    if n == 0:
        return None
    mean_one, mean_other = sum(one) / n, sum(other) / n
    spread_one = sum((each - mean_one) ** 2 for each in one)
    spread_other = sum((each - mean_other) ** 2 for each in other)
    scale = max(1.0, *(abs(each) for each in (*one, *other))) ** 2 * n
    if spread_one <= NEGLIGIBLE * scale or spread_other <= NEGLIGIBLE * scale:
        return None
    shared = sum((a - mean_one) * (b - mean_other) for a, b in zip(one, other, strict=True))
    return max(-1.0, min(1.0, shared / sqrt(spread_one * spread_other)))

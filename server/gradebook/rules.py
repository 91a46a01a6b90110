"""From what somebody has in each column to a grade: weights, dropped ones, overrides, lines. Values in, answer out."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

FULL = Decimal(100)
CENT = Decimal("0.01")


class Standing(StrEnum):
    """How it stands with one column of one student."""

    scored = "scored"
    missing = "missing"  # closed, and nothing was handed in: 0
    open = "open"  # something may still come
    excused = "excused"  # left out of everything


@dataclass(frozen=True)
class Cell:
    """What one student has in one column. `share`: of its full points, 0..1, where `standing` is scored.

    `least` and `most`: where it can still end; None: at `share` where it is decided, anywhere where it is open.
    """

    standing: Standing
    share: Decimal = Decimal(0)
    least: Decimal | None = None
    most: Decimal | None = None

    @property
    def lowest(self) -> Decimal:
        return self._end(self.least, Decimal(0))

    @property
    def highest(self) -> Decimal:
        return self._end(self.most, Decimal(1))

    def _end(self, known: Decimal | None, extreme: Decimal) -> Decimal:
        if known is not None:
            return known
        return extreme if self.standing is Standing.open else self.share


@dataclass(frozen=True)
class Category:
    """Columns that count alike. `weight`: percent of the grade; `drops`: how many of the lowest are left out."""

    name: str
    weight: Decimal
    columns: tuple[str, ...]
    drops: int = 0


@dataclass(frozen=True)
class Line:
    """A letter, or a pass, and the least grade that it takes."""

    name: str
    least: Decimal


@dataclass(frozen=True)
class CategoryGrade:
    """What a category has come to. `share`: 0..1 of what counts so far, None where nothing does yet; `points`: of the grade."""

    category: Category
    share: Decimal | None
    points: Decimal
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Grade:
    """0..100. `so_far`: over what is decided; `lowest` and `highest`: where it can still end."""

    categories: tuple[CategoryGrade, ...]
    so_far: Decimal | None
    lowest: Decimal
    highest: Decimal

    @property
    def is_final(self) -> bool:
        return self.lowest == self.highest


def grade_of(categories: Sequence[Category], cells: Mapping[str, Cell], *, override: Decimal | None = None) -> Grade:
    """A column that is not in `cells` is open. A category in which everything is excused gives its weight to the others."""
    counting = [category for category in categories if any(_counts(_cell(cells, name)) for name in category.columns)]
    whole = sum((category.weight for category in counting), Decimal(0))
    grades = [_category_grade(category, cells, whole) for category in counting]
    if override is not None:
        return Grade(tuple(grades), *[_rounded(override)] * 3)
    decided = [grade for grade in grades if grade.share is not None]
    weight = sum((grade.category.weight for grade in decided), Decimal(0))
    so_far = sum((grade.share * grade.category.weight for grade in decided), Decimal(0)) * FULL / weight if weight else None
    lowest = _ended(counting, cells, whole, lambda cell: cell.lowest)
    highest = _ended(counting, cells, whole, lambda cell: cell.highest)
    return Grade(tuple(grades), None if so_far is None else _rounded(so_far), lowest, highest)


def share_of(category: Category, cells: Mapping[str, Cell]) -> tuple[Decimal | None, tuple[str, ...]]:
    """(mean share of the columns that count so far without the lowest, 0..1; which were dropped). Of equal ones the first goes.

    As many are dropped as there are in the end to be dropped, but one always stays; what is excused is not one of them.
    """
    decided = {name: cell.share for name in category.columns if (cell := _cell(cells, name)).standing in DECIDED}
    if not decided:
        return None, ()
    dropped = dropped_of(decided, category.drops)
    return mean_of(decided, dropped), tuple(name for name in category.columns if name in dropped)


def dropped_of(shares: Mapping[str, Decimal], drops: int) -> Collection[str]:
    return sorted(shares, key=shares.__getitem__)[: min(drops, len(shares) - 1)] if drops else ()


def mean_of(shares: Mapping[str, Decimal], dropped: Collection[str]) -> Decimal:
    kept = [share for name, share in shares.items() if name not in dropped]
    return sum(kept, Decimal(0)) / len(kept)


def line_of(lines: Iterable[Line], grade: Decimal) -> Line | None:
    """The highest that the grade reaches."""
    reached = [line for line in lines if grade >= line.least]
    return max(reached, key=lambda line: line.least, default=None)


DECIDED = {Standing.scored, Standing.missing}
OPEN = Cell(Standing.open)


def _cell(cells: Mapping[str, Cell], name: str) -> Cell:
    return cells.get(name, OPEN)


def _counts(cell: Cell) -> bool:
    return cell.standing is not Standing.excused


def _category_grade(category: Category, cells: Mapping[str, Cell], whole: Decimal) -> CategoryGrade:
    share, dropped = share_of(category, cells)
    points = Decimal(0) if share is None or not whole else share * category.weight * FULL / whole
    return CategoryGrade(category, share, points.quantize(CENT, ROUND_HALF_UP), dropped)


def _ended(categories: Sequence[Category], cells: Mapping[str, Cell], whole: Decimal, end: Callable[[Cell], Decimal]) -> Decimal:
    """The grade if every column ends there."""
    total = Decimal(0)
    for category in categories:
        ended = {name: end(cell) for name in category.columns if _counts(cell := _cell(cells, name))}
        if ended:
            total += mean_of(ended, dropped_of(ended, category.drops)) * category.weight
    return _rounded(total * FULL / whole if whole else Decimal(0))  # divided last, as what is decided so far


def _rounded(grade: Decimal) -> Decimal:
    return min(FULL, max(Decimal(0), grade)).quantize(CENT, ROUND_HALF_UP)

"""What a reader asked to see of a comparison, and what is drawn of all its pairs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlencode

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.similarity import queries
from server.similarity.models import Comparison, Opinion, SimilarPair
from server.similarity.queries import Filters

MIDDLE = 0.5  # of the scale: between copies and works that have nothing to do with each other
GRADES = ((0.7, "far"), (MIDDLE, "well"), (0.3, "some"))
BARS = 20
HEIGHT = 40.0


class Against(StrEnum):
    this_class = "class"
    archive = "archive"


class Standing(StrEnum):
    """Which pairs: those that nobody has decided, those that somebody has, or those with one opinion."""

    open = "open"
    decided = "decided"
    nothing = "nothing"
    unsure = "unsure"
    case = "case"


@dataclass(frozen=True)
class Look:
    """Every link of the pages keeps it."""

    start: int = 0
    person: str = ""
    section: int | None = None
    against: Against | None = None
    opinion: Standing | None = None
    least: float = 0.0

    @property
    def is_narrowed(self) -> bool:
        return bool(self.person or self.section or self.against or self.opinion or self.least)

    @property
    def filters(self) -> Filters:
        one = Opinion(self.opinion.value) if self.opinion and self.opinion not in (Standing.open, Standing.decided) else None
        return Filters(
            section_id=self.section,
            past=None if self.against is None else self.against is Against.archive,
            decided={Standing.open: False, Standing.decided: True}.get(self.opinion),
            opinion=one,
            at_least=self.least,
            person=self.person,
        )

    def query(self, **changes: object) -> str:
        """With a leading question mark, or empty."""
        said = urlencode({name: value for name, value in (vars(self) | changes).items() if value})
        return f"?{said}" if said else ""


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    height: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Spread:
    bars: Sequence[Bar]
    total: int
    above: int  # the middle of the scale


@dataclass(frozen=True)
class Neighbours:
    """Of a pair among those that were asked for. `next_open`: the next that nobody has decided; after the last, the first."""

    previous: int | None
    next: int | None
    next_open: int | None
    open: int


def grade_of(similarity: float) -> str:
    return next((word for least, word in GRADES if similarity >= least), "hardly")


def spread_of(session: Session, *, comparison: Comparison) -> Spread:
    """How alike all pairs are, as bars from 0 to 1."""
    place = func.width_bucket(SimilarPair.similarity, 0, 1, BARS)
    query = select(place, func.count(), func.count().filter(SimilarPair.similarity >= MIDDLE))
    found = session.execute(query.where(SimilarPair.comparison_id == comparison.id).group_by(place)).all()
    counts = [sum(n for bucket, n, _ in found if min(bucket, BARS) == number) for number in range(1, BARS + 1)]
    return Spread(bars_of(counts), sum(counts), sum(above for _, _, above in found))


def bars_of(counts: Sequence[int]) -> list[Bar]:
    width, highest = 100 / BARS, max([*counts, 1])
    return [
        Bar(
            x=width * number + 0.5,
            width=width - 1,
            height=round(HEIGHT * (count / highest) ** 0.5, 1),  # by the root: the few at the right end are what one looks for
            low=number / BARS,
            high=(number + 1) / BARS,
            count=count,
        )
        for number, count in enumerate(counts)
    ]


def neighbours_of(session: Session, *, pair: SimilarPair, reader: User, look: Look) -> Neighbours:
    asked = {"comparison": pair.comparison, "pair_id": pair.id}
    previous, next_ = queries.neighbours(session, **asked, filters=look.filters)
    undecided = replace(look.filters, decided=False)
    _, next_open = queries.neighbours(session, **asked, filters=undecided)
    first = queries.list_pairs(session, comparison=pair.comparison, filters=undecided, viewer=reader, limit=2)
    if next_open is None:
        next_open = next((row.id for row in first.rows if row.id != pair.id), None)
    return Neighbours(previous, next_, next_open, first.total)

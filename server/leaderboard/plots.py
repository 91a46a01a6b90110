"""Where lines and dots go: numbers from 0 to 100 in both directions, which a page stretches to whatever room there is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from server.leaderboard.views import BaselineRow, Interval

SIDE = 100.0
BINS = 10

Point = tuple[float, float]
Steps = Sequence[tuple[datetime, float]]


@dataclass(frozen=True)
class Scale:
    """From numbers to 0–100; what lies outside is drawn at the edge."""

    low: float
    high: float

    @classmethod
    def around(cls, values: Iterable[float]) -> "Scale":
        found = list(values) or [0.0, 1.0]
        return cls(min(found), max(found))

    def at(self, value: float) -> float:
        if self.high == self.low:
            return SIDE / 2
        return round(SIDE * min(1.0, max(0.0, (value - self.low) / (self.high - self.low))), 2)

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Whisker:
    """An interval and the value in it, from the left. `outside`: the value is off the scale, so only its edge is marked."""

    low: float
    high: float
    at: float
    outside: bool

    @property
    def path(self) -> str:
        """In a box of 100 by 10: a line with two ends, or an arrow at the edge beyond which the value lies."""
        if self.outside:
            return "M6 1L1 5l5 4" if self.at < SIDE / 2 else "M94 1l5 4-5 4"
        return f"M{self.low} 5H{self.high}M{self.low} 2v6M{self.high} 2v6"


@dataclass(frozen=True)
class Level:
    """What a baseline reached, as a horizontal line."""

    baseline: BaselineRow
    y: float


@dataclass(frozen=True)
class Progress:
    """The best of all public values against time, as a stair; `dots` are the moments at which it changed."""

    stairs: Sequence[Point]
    dots: Sequence[Point]
    levels: Sequence[Level]
    scale: Scale
    starts_at: datetime
    ends_at: datetime
    best: float
    since: datetime


@dataclass(frozen=True)
class Bar:
    """How many people got from `low` to less than `high` points (the last bar: and `high`)."""

    low: Decimal
    high: Decimal
    count: int
    x: float
    width: float
    height: float


def whisker(value: float, interval: Interval | None, scale: Scale) -> Whisker | None:
    if interval is None:
        return None
    return Whisker(scale.at(interval.low), scale.at(interval.high), scale.at(value), outside=not scale.holds(value))


def stairs(steps: Steps, times: Scale, values: Scale) -> list[Point]:
    """Corner by corner, to the right edge; y grows downwards, as on a screen."""
    corners: list[Point] = []
    for at, value in steps:
        x, y = times.at(at.timestamp()), round(SIDE - values.at(value), 2)
        corners += [(x, corners[-1][1]), (x, y)] if corners else [(x, y)]
    return [*corners, (SIDE, corners[-1][1])] if corners else []


def span(starts_at: datetime, ends_at: datetime) -> Scale:
    return Scale(starts_at.timestamp(), ends_at.timestamp())


def progress_of(steps: Steps, baselines: Sequence[BaselineRow], *, starts_at: datetime, ends_at: datetime) -> Progress | None:
    """None as long as nobody has a value."""
    if not steps:
        return None
    ends_at = max(ends_at, steps[-1][0])
    times = span(starts_at, ends_at)
    values = Scale.around([value for _, value in steps] + [each.value for each in baselines])
    dots = [(times.at(at.timestamp()), round(SIDE - values.at(value), 2)) for at, value in steps]
    levels = [Level(each, round(SIDE - values.at(each.value), 2)) for each in baselines]
    since, best = steps[-1]
    return Progress(stairs(steps, times, values), dots, levels, values, starts_at, ends_at, best, since)


def histogram(totals: Sequence[Decimal], most: Decimal) -> list[Bar]:
    """How the points are spread, in equal steps from none to all."""
    if not totals or not most:
        return []
    step = most / BINS
    counts = [0] * BINS
    for total in totals:
        counts[min(BINS - 1, int(total / step))] += 1
    width, tallest = SIDE / BINS, max(counts)
    return [
        Bar(place * step, (place + 1) * step, count, place * width, width, round(SIDE * count / tallest, 2))
        for place, count in enumerate(counts)
    ]

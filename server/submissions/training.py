"""Where the lines of a training go: what the code has logged, the best run before it, a band. Numbers only, as in figures.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from grader.figures import number, training_in_words
from grader.protocol import Logged, Series, Text
from server.submissions.figures import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Dot, Tick, round_up

LONG_STEP = 10**6
Line = Sequence[Dot]


@dataclass(frozen=True)
class Best:
    """What the best run before has logged: by check and name. `author`: where somebody else of the team made it."""

    attempt: int
    author: str | None
    series: Mapping[tuple[str, str], Series]

    @classmethod
    def of(cls, attempt: int, training: Sequence[Logged], author: str | None = None) -> "Best":
        return cls(attempt, author, {(logged.check, series.name): series for logged in training for series in logged.series})


@dataclass(frozen=True)
class TrainingDrawing:
    name: str
    words: Text
    lines: Sequence[Line]  # more than one where there are gaps
    best: Sequence[Line]
    best_attempt: int | None
    best_author: str | None
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    band: tuple[float, float] | None  # top and height of the strip
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM

    @property
    def last(self) -> Dot | None:
        return self.lines[-1][-1] if self.lines else None


Bands = Mapping[str, tuple[float, float]]  # by name


def draw_trainings(logged: Logged, best: Best | None = None, bands: Bands | None = None) -> list[TrainingDrawing]:
    """One for each name that a check has logged."""
    known = bands or {}
    return [draw_training(series, *named(best, logged.check, series.name), known.get(series.name)) for series in logged.series]


def named(best: Best | None, check: str, name: str) -> tuple[Series | None, int | None, str | None]:
    """What the best run has logged under a name, in which attempt and whose."""
    series = best.series.get((check, name)) if best else None
    return (series, best.attempt, best.author) if series else (None, None, None)


def draw_training(
    series: Series,
    best: Series | None = None,
    best_attempt: int | None = None,
    best_author: str | None = None,
    band: tuple[float, float] | None = None,
) -> TrainingDrawing:
    """From step 0 to the last of either run; from 0, or what lies below it, to a round number that nothing exceeds."""
    last = max(step for each in (series, best) if each for step in each.steps[-1:])
    low, high = range_of([*series.values, *(best.values if best else ()), *(band or ())])

    def x(step: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * step / (last or 1), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low), 1)

    def lines_of(drawn: Series | None) -> list[Line]:
        points = zip(drawn.steps, drawn.values, strict=True) if drawn else ()
        dots = [None if value is None else Dot(x(n), y(value), f"{step_text(n)}: {told(value)}") for n, value in points]
        return [list(run) for is_there, run in groupby(dots, bool) if is_there]

    return TrainingDrawing(
        name=series.name,
        words=training_in_words(series, best),
        lines=lines_of(series),
        best=lines_of(best),
        best_attempt=best_attempt,
        best_author=best_author,
        x_ticks=[Tick(x(step), step_text(step)) for step in dict.fromkeys((0, last // 2, last))],
        y_ticks=[Tick(y(value), told(value)) for value in (low, (low + high) / 2, high)],
        band=(y(band[1]), round(y(band[0]) - y(band[1]), 1)) if band else None,
    )


def range_of(values: Sequence[float | None]) -> tuple[float, float]:
    """What the axis spans; never nothing."""
    found = [0.0, *(value for value in values if value is not None)]
    low, high = 0.0 - round_up(-min(found)), round_up(max(found))
    return (0.0, 1.0) if low == high else (low, high)


def told(value: float) -> str:
    return number(value, is_fraction=False)


def step_text(step: int) -> str:
    return str(step) if step < LONG_STEP else f"{step:.3g}"

"""Where the dots of a score-over-time plot go. Numbers only; the drawing is the template's."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from server.submissions.views import AttemptRow

WIDTH, HEIGHT = 320, 96
LEFT, RIGHT, TOP, BOTTOM = 6, 314, 16, 88
SHOWN = 30


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    attempt: AttemptRow


@dataclass(frozen=True)
class Plot:
    dots: Sequence[Dot]
    max_score: Decimal
    width: int = WIDTH
    height: int = HEIGHT
    top: int = TOP
    bottom: int = BOTTOM


def plot_scores(attempts: Sequence[AttemptRow], max_score: Decimal) -> Plot | None:
    """The latest attempts from left to right; None where there are fewer than two scores to compare."""
    graded = [attempt for attempt in reversed(attempts) if attempt.score is not None][-SHOWN:]
    if len(graded) < 2 or not max_score:
        return None
    step = (RIGHT - LEFT) / (len(graded) - 1)
    dots = [Dot(round(LEFT + index * step, 1), height_of(attempt, max_score), attempt) for index, attempt in enumerate(graded)]
    return Plot(dots, max_score)


def height_of(attempt: AttemptRow, max_score: Decimal) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * float(attempt.score / max_score), 1)

"""One's own way through a competition: what each submission reached, the best so far, and the baselines beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

from grader.competition.baselines import rounded
from grader.protocol import Text
from grader.spec import Manifest
from server.leaderboard.plots import SIDE, Point, Scale
from server.leaderboard.results import Result
from server.leaderboard.views import baselines_of
from server.submissions.views import AttemptRow


@dataclass(frozen=True)
class Mark:
    """One scored submission, and the best so far with it.

    value: None where the Ladder does not show it; the mark is then drawn at the height of the best, which says nothing new.
    """

    attempt: AttemptRow
    value: float | None
    best: float
    x: float
    y: float


@dataclass(frozen=True)
class Level:
    """What a baseline reached on the public items."""

    title: Text
    value: float
    y: float


@dataclass(frozen=True)
class Way:
    """Marks from left to right in the order in which they came in, equally far apart; `stairs` is the best so far."""

    marks: Sequence[Mark]
    stairs: Sequence[Point]
    levels: Sequence[Level]
    scale: Scale

    @property
    def best(self) -> Mark:
        """The submission that reached what is best now."""
        return next(mark for mark in self.marks if mark.best == self.marks[-1].best)

    @property
    def is_shared(self) -> bool:
        return len({mark.attempt.author for mark in self.marks}) > 1


def way_of(attempts: Sequence[AttemptRow], results: Mapping[int, Result], manifest: Manifest, *, folder: Path) -> Way | None:
    """attempts: newest first.    None in a homework, and as long as nothing has a score."""
    if manifest.competition is None or not (scored := in_order(attempts, results)):
        return None
    values = [results[each.id].value for each in scored]
    bests = best_so_far(values, rises=manifest.leaderboard.direction == "max")
    baselines = public_baselines(manifest, folder)
    scale = Scale.around([*bests, *(value for value in values if value is not None), *(value for _, value in baselines)])
    step = SIDE / max(1, len(scored) - 1)
    marks = [
        Mark(attempt, value, best, round(place * step, 2), height(best if value is None else value, scale))
        for place, (attempt, value, best) in enumerate(zip(scored, values, bests, strict=True))
    ]
    levels = [Level(title, value, height(value, scale)) for title, value in baselines]
    return Way(marks, stairs_of(marks, scale), levels, scale)


def in_order(attempts: Sequence[AttemptRow], results: Mapping[int, Result]) -> list[AttemptRow]:
    """Those with a score as they came in, from the first whose value shows on: a team may have just changed on the board."""
    scored = sorted((each for each in attempts if each.id in results), key=lambda each: (each.received_at, each.id))
    return list(dropwhile(lambda each: results[each.id].value is None, scored))


def best_so_far(values: Sequence[float | None], *, rises: bool) -> list[float]:
    """The first value is there."""
    bests: list[float] = []
    for value in values:
        known = [each for each in (*bests[-1:], value) if each is not None]
        bests.append(max(known) if rises else min(known))
    return bests


def public_baselines(manifest: Manifest, folder: Path) -> list[tuple[Text, float]]:
    """Title and value of those that are recorded."""
    recorded, competition = baselines_of(folder), manifest.competition
    known = [(each.title, recorded[each.id].public.value) for each in competition.baselines if each.id in recorded]
    return [(title, rounded(value, competition.decimals)) for title, value in known]


def stairs_of(marks: Sequence[Mark], scale: Scale) -> list[Point]:
    """Corner by corner, to the right edge."""
    corners: list[Point] = []
    for mark in marks:
        y = height(mark.best, scale)
        corners += [(mark.x, corners[-1][1]), (mark.x, y)] if corners else [(mark.x, y)]
    return [*corners, (SIDE, corners[-1][1])]


def height(value: float, scale: Scale) -> float:
    """From the top, as on a screen."""
    return round(SIDE - scale.at(value), 2)

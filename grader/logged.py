"""What student code logs, kept small: however much comes and whatever it is, a few hundred finite points under a few names."""

import math
from collections.abc import Sequence

from grader.protocol import Logged, Series
from grader.sandbox.base import Note

MOST_POINTS = 400  # of a series
MOST_SERIES = 8  # of a check
MOST_OF_ALL = 32  # of a report
LARGEST = 1e30  # a value beyond it is as good as infinite
Point = tuple[int, float | None]


class Training:
    """The points of one name while its steps rise."""

    def __init__(self) -> None:
        self._kept: list[Point] = []
        self._every = 1  # of so many points one is kept
        self._passed = 0
        self._newest: Point | None = None  # never thinned out, and replaced by another one of its step

    @property
    def last_step(self) -> int:
        return self._newest[0] if self._newest else -1

    def add(self, step: int, value: float) -> None:
        if self._newest is not None and step > self.last_step:
            self._keep(self._newest)
        self._newest = step, _drawable(value)

    def series(self, name: str) -> Series:
        points = [*self._kept, *([self._newest] if self._newest else [])]
        return Series(name=name, steps=[n for n, _ in points], values=[v for _, v in points], total=self._passed + 1)

    def _keep(self, point: Point) -> None:
        if self._passed % self._every == 0:
            self._kept.append(point)
        self._passed += 1
        if len(self._kept) >= MOST_POINTS:
            del self._kept[1::2]
            self._every *= 2


class Track:
    """One name in one check, which may train several times: a smaller step than the one before begins another training."""

    def __init__(self) -> None:
        self._present = self._furthest = Training()

    def add(self, step: int, value: float) -> None:
        if step < self._present.last_step:
            self._present = Training()
        self._present.add(step, value)
        if self._present.last_step >= self._furthest.last_step:
            self._furthest = self._present

    def series(self, name: str, *, is_running: bool) -> Series:
        """While the check runs, the training that goes on; afterwards the one that went furthest, of equals the last."""
        return (self._present if is_running else self._furthest).series(name)


class Tracks:
    """Those of one check."""

    def __init__(self, most: int = MOST_SERIES) -> None:
        self._most = most
        self._tracks: dict[str, Track] = {}

    def __len__(self) -> int:
        return len(self._tracks)

    def take(self, note: Note) -> None:
        """Names beyond the most that are drawn are left out, in the order in which they came."""
        for name, (steps, values) in note.items():
            if steps and (name in self._tracks or len(self._tracks) < self._most):
                track = self._tracks.setdefault(name, Track())
                for step, value in zip(steps, values, strict=True):
                    track.add(step, value)

    def logged(self, check_id: str, *, is_running: bool) -> Logged:
        series = [track.series(name, is_running=is_running) for name, track in self._tracks.items()]
        return Logged(check=check_id, series=series)


class Record:
    """Those of one submission."""

    def __init__(self) -> None:
        self._of: dict[str, Tracks] = {}

    def begin(self, check_id: str) -> Tracks:
        room = MOST_OF_ALL - sum(map(len, self._of.values()))
        self._of[check_id] = Tracks(min(MOST_SERIES, room))
        return self._of[check_id]

    def logged(self, check_ids: Sequence[str], *, running: str | None = None) -> list[Logged]:
        """Of these checks, in this order, as far as anything was logged in them."""
        return [self._of[id].logged(id, is_running=id == running) for id in check_ids if len(self._of.get(id, ()))]


def _drawable(value: float) -> float | None:
    """To four digits: nobody sees more, and everybody stores them. A nan is no number to draw."""
    return float(f"{value:.4g}") if math.isfinite(value) and abs(value) <= LARGEST else None

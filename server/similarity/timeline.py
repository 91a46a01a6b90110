"""Who handed in what when: one lane for each person, on one scale of time. Numbers from 0 to 100 that the page stretches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Handed:
    """An attempt. `is_compared`: it is the one that this is about."""

    submission_id: int
    attempt: int
    at: datetime
    is_compared: bool


@dataclass(frozen=True)
class Dot:
    x: float
    handed: Handed


@dataclass(frozen=True)
class Lane:
    name: str
    dots: Sequence[Dot]


@dataclass(frozen=True)
class Timeline:
    lanes: Sequence[Lane]
    starts_at: datetime
    ends_at: datetime
    due: float | None  # None: outside of what is shown


def timeline_of(handed: Mapping[str, Sequence[Handed]], *, due_at: datetime) -> Timeline | None:
    """handed: of each person by name, in the order of the lanes. None where nobody has handed in anything."""
    moments = [each.at for attempts in handed.values() for each in attempts]
    if not moments:
        return None
    start, end = min(moments), max(moments)
    near_due = abs((due_at - end).total_seconds()) <= max((end - start).total_seconds(), 3600)
    end = max(end, due_at) if near_due else end
    lanes = [Lane(name, [Dot(place_of(each.at, start, end), each) for each in attempts]) for name, attempts in handed.items()]
    return Timeline(lanes, start, end, place_of(due_at, start, end) if start <= due_at <= end else None)


def place_of(moment: datetime, start: datetime, end: datetime) -> float:
    span = (end - start).total_seconds()
    return round(100 * (moment - start).total_seconds() / span, 2) if span else 50.0

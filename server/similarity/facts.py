"""What speaks about a pair beside its code: each fact by itself, never added up to a figure.

All are values in, facts out; `records.py` reads the values. A fact is left out where it would say nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

Fact = dict[str, Any]

FEW = 0.1  # of all students
AT_LEAST_FEW = 2
SOON = timedelta(minutes=60)
MOST_CHANGED = 0.9  # of the similarity at first that may be left at last
WORTH_A_STORY = 0.3
CURVE_POINTS, CURVE_VALUES = 8, 5  # that a curve needs, and different ones among them: a constant is nobody's
WRONG_ITEMS, WRONG_SHARE = 10, 0.9
TELLING_DIGITS = 8  # of an error; many wrong outputs are off by 1 or by 0.25
SUBSTANCE = {"wrong_value", "wrong_shape", "wrong_type", "not_finite"}  # not: nothing written yet, or it never ran
HIGH_ELSEWHERE = 0.5

Check, Curve, Error = str, tuple[str, str, str], tuple[str, str]


@dataclass(frozen=True)
class Record:
    """What one run reported, as far as it can be compared with another one."""

    student: str
    failed: frozenset[Check] = frozenset()  # hidden ones, by their substance
    mistakes: frozenset[tuple[Check, str]] = frozenset()
    errors: frozenset[Error] = frozenset()  # (check, digest of where and by how much its output was off)
    curves: Mapping[Curve, int] = field(default_factory=dict)  # (check, name, digest of the values) → points


NOTHING = Record("")


@dataclass(frozen=True)
class Side:
    """One of two works."""

    student: str
    names: tuple[str, ...] = ()  # by which somebody else may speak of him
    record: Record = NOTHING
    received_at: datetime | None = None
    declared: tuple[dict[str, Any], ...] = ()
    items: NDArray[np.uint32] | None = None  # of a competition: 0 where it was right, else what was wrong with it
    attempt: int | None = None


class Class:
    """How many students have what, to tell what is telling."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = list(records)
        self.students = len({record.student for record in self._records})

    @property
    def few(self) -> int:
        return max(AT_LEAST_FEW, int(FEW * self.students))

    def others(self, left: Side, right: Side, has: Callable[[Record], bool]) -> int:
        """How many students beside these two have a run that is so."""
        return len({record.student for record in self._records if has(record)} - {left.student, right.student})


def facts_beside(left: Side, right: Side, everybody: Class) -> list[Fact]:
    """All but those that need the comparison itself."""
    found = (
        same_mistakes(left, right, everybody),
        same_failed_checks(left, right, everybody),
        same_wrong_outputs(left, right, everybody),
        same_curves(left, right, everybody),
        same_predictions(left, right),
        close_in_time(left, right),
    )
    return [*filter(None, found), *declared(left, right)]


def same_mistakes(left: Side, right: Side, everybody: Class) -> Fact | None:
    """Known mistakes that both made in the same checks, where few others made all of them."""
    both = left.record.mistakes & right.record.mistakes
    others = everybody.others(left, right, lambda record: both <= record.mistakes)
    if not both or others > everybody.few:
        return None
    return {"kind": "same_mistakes", "mistakes": [{"check": check, "id": id} for check, id in sorted(both)], "others": others}


def same_failed_checks(left: Side, right: Side, everybody: Class) -> Fact | None:
    """Exactly the same hidden checks, where few others fail exactly those."""
    failed = left.record.failed
    others = everybody.others(left, right, lambda record: record.failed == failed)
    if not failed or failed != right.record.failed or others > everybody.few:
        return None
    return {"kind": "same_failed_checks", "checks": sorted(failed), "others": others}


def same_wrong_outputs(left: Side, right: Side, everybody: Class) -> Fact | None:
    """Off at the same place by the same amount, to the last bit.

    Every submission has a seed of its own, so only checks whose inputs are constant can show it.
    """
    both = {error for error in left.record.errors & right.record.errors if _is_rare(error, left, right, everybody)}
    return {"kind": "same_wrong_outputs", "checks": sorted(check for check, _ in both)} if both else None


def _is_rare(error: Error, left: Side, right: Side, everybody: Class) -> bool:
    return everybody.others(left, right, lambda record: error in record.errors) <= everybody.few


def same_curves(left: Side, right: Side, everybody: Class) -> Fact | None:
    """What their trainings logged: equal values where each had data and seeds of his own."""
    shared = left.record.curves.keys() & right.record.curves.keys()
    both = {curve for curve in shared if _is_own(curve, left, right, everybody)}
    if not both:
        return None
    points = sum(left.record.curves[curve] for curve in both)
    return {"kind": "same_curves", "names": sorted({name for _, name, _ in both}), "points": points}


def _is_own(curve: Curve, left: Side, right: Side, everybody: Class) -> bool:
    return everybody.others(left, right, lambda record: curve in record.curves) <= everybody.few


def same_predictions(left: Side, right: Side) -> Fact | None:
    """Wrong on nearly the same items of a competition. An item counts as wrong where it is in either."""
    one, other = left.items, right.items
    if one is None or other is None or len(one) != len(other):
        return None
    wrong = int(((one != 0) | (other != 0)).sum())
    alike = int(((one == other) & (one != 0)).sum())
    if wrong < WRONG_ITEMS or alike < WRONG_SHARE * wrong:
        return None
    return {"kind": "same_predictions", "items": len(one), "wrong": wrong, "wrong_alike": alike}


def close_in_time(left: Side, right: Side) -> Fact | None:
    if left.received_at is None or right.received_at is None or abs(left.received_at - right.received_at) > SOON:
        return None
    apart = right.received_at - left.received_at
    first = "left" if apart >= timedelta() else "right"
    return {"kind": "close_in_time", "minutes": round(abs(apart).total_seconds() / 60), "first": first}


def declared(left: Side, right: Side) -> Iterator[Fact]:
    """Every source that either has named; one that names the other is told first."""
    named = [("left", source, right) for source in left.declared] + [("right", source, left) for source in right.declared]
    for by, source, _ in sorted(named, key=lambda one: not names(one[1], one[2])):
        yield {"kind": "declared", "by": by, "source": source}


def names(source: Mapping[str, Any], other: Side) -> bool:
    """Whether what was declared speaks of this person."""
    said = f"{source.get('what', '')} {source.get('used_for', '')}".casefold()
    return any(name.casefold() in said for name in other.names if name)


def alike_earlier(at_best: float, at_last: float, left: Side, right: Side) -> Fact | None:
    """They were clearly more alike before than they are at last: copied first, changed later."""
    if at_best < WORTH_A_STORY or at_last > MOST_CHANGED * at_best:
        return None
    return {"kind": "alike_earlier", "left_attempt": left.attempt, "right_attempt": right.attempt}


def other_assignments(slugs: Sequence[str]) -> Fact | None:
    """The same two stand high elsewhere in this course."""
    return {"kind": "other_assignments", "assignments": sorted(slugs)} if slugs else None

"""Decisions about comparing: what is compared, which pairs are kept, who may. Values in, answer out; no session, no clock."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from server.errors import AppError

MAX_TRIES = 3
MOST_ATTEMPTS = 8  # of one student; what lies between is sampled
MOST_WORKS = 4000  # of all students together
OF_ONE_STUDENT = 10  # pairs that are kept for each
MOST_PAIRS = 2000
WORTH_KEEPING = 0.05
WITH_EVIDENCE = 200  # pairs whose evidence is gathered with the comparison; that of others when somebody looks


class NothingToCompare(AppError):
    status, code = 409, "nothing_to_compare"

    def __init__(self) -> None:
        super().__init__(
            "Fewer than two students have handed in, and there is no archive. Compare again once there is something to compare.",
            "提交作业的学生不足两人，也没有存档可供对照。等有了更多作业再来比对。",
        )


class AlreadyComparing(AppError):
    status, code = 409, "already_comparing"

    def __init__(self) -> None:
        super().__init__("These works are being compared right now.", "这些作业正在比对中。")


class NotCompared(AppError):
    status, code = 409, "not_compared"

    def __init__(self) -> None:
        super().__init__("These works have not been compared yet. Have them compared first.", "这些作业尚未比对，请先发起比对。")


@dataclass(frozen=True)
class Attempt:
    """What one person handed in once. Equal `content` is equal code, whatever else came with it."""

    id: int
    author_id: int
    number: int
    received_at: datetime
    content: str
    score: float | None


def chosen_attempts(attempts: Sequence[Attempt], *, most: int, best_counts: bool) -> list[Attempt]:
    """Of one student, in the order in which they came: those that count, the last, the first, and of the others some.

    A work that was first copied and then disguised is found by what it was at first.
    """
    distinct = list({each.content: each for each in sorted(attempts, key=lambda one: -one.id)}.values())[::-1]
    distinct.sort(key=lambda one: one.id)
    if len(distinct) <= most:
        return distinct
    wanted = [distinct.index(counting(distinct, best_counts=best_counts)), len(distinct) - 1, 0][:most]
    others = [place for place in range(len(distinct)) if place not in wanted]
    room = most - len(set(wanted))
    spread = [others[number * len(others) // room] for number in range(room)] if room else []
    return [distinct[place] for place in sorted({*wanted, *spread})]


def counting(attempts: Sequence[Attempt], *, best_counts: bool) -> Attempt:
    """The one whose score is the student's; of equal ones the first."""
    if best_counts and any(each.score is not None for each in attempts):
        return max(attempts, key=lambda one: (one.score is not None, one.score or 0.0, -one.id))
    return max(attempts, key=lambda one: one.id)


def most_attempts(students: int) -> int:
    """How many of each student's attempts are compared, so that a large class stays within memory and time."""
    return max(1, min(MOST_ATTEMPTS, MOST_WORKS // max(1, students)))


class Ranked(Protocol):
    """A pair as the engine gives it: by the labels of the two."""

    @property
    def left(self) -> str: ...

    @property
    def right(self) -> str: ...

    @property
    def similarity(self) -> float: ...


R = TypeVar("R", bound=Ranked)


def kept(ranked: Iterable[R]) -> list[R]:
    """The first pairs of each student, the most similar first; a pair that is one of the first of either is kept."""
    counts: Counter[str] = Counter()
    found: list[R] = []
    for pair in ranked:
        if pair.similarity < WORTH_KEEPING or len(found) == MOST_PAIRS:
            break
        if min(counts[pair.left], counts[pair.right]) < OF_ONE_STUDENT:
            found.append(pair)
            counts.update((pair.left, pair.right))
    return found

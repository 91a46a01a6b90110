"""JSON shapes of what comes after an exam."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from grader.protocol import Points, Text
from server.exam_results.moderation import Compared
from server.exam_results.release import Readiness
from server.exam_results.results import Results
from server.exam_results.statistics import ItemStatistics
from server.exam_results.works import Item, Work


class ReadinessOut(BaseModel):
    """What a release would leave open; `is_over`: nobody can sit it any more."""

    is_over: bool
    ends_at: datetime
    running: list[str]
    ungraded: list[str]
    unmarked: int
    unmoderated: int
    absent: list[str]
    handed_in: int
    released_at: datetime | None

    @classmethod
    def of(cls, found: Readiness, now: datetime) -> Self:
        lists = {name: list(getattr(found, name)) for name in ("running", "ungraded", "absent")}
        numbers = {name: getattr(found, name) for name in ("ends_at", "unmarked", "unmoderated", "handed_in", "released_at")}
        return cls(is_over=found.is_over(now), **lists, **numbers)


class ReleaseIn(BaseModel):
    """`confirm`: release although something is open."""

    confirm: bool = False


class ItemOut(BaseModel):
    """`facility` 0..1, `discrimination` -1..1: null with too few students, or where all have the same."""

    id: str
    title: Text
    points: Points
    students: int
    facility: float | None
    discrimination: float | None
    full: int
    part: int
    none: int
    minutes: float | None
    is_suspicious: bool

    @classmethod
    def of(cls, item: Item, found: ItemStatistics) -> Self:
        counts = {name: getattr(found, name) for name in ("facility", "discrimination", "full", "part", "none", "minutes")}
        return cls(
            id=item.id, title=item.title, points=item.full, students=found.count, is_suspicious=found.is_suspicious, **counts
        )


class StudentOut(BaseModel):
    """`points` by item; `total` is null before the judge has spoken."""

    login: str
    name: str
    section: str | None
    started_at: datetime | None
    handed_in_at: datetime | None
    handed_in_by: str | None
    submission: int | None
    points: dict[str, Points]
    by_hand: Points
    change: Points
    total: Points | None
    unmarked: list[str]

    @classmethod
    def of(cls, work: Work) -> Self:
        student, sitting = work.student, work.sitting
        return cls(
            login=student.user.login,
            name=student.user.display_name,
            section=student.section.name if student.section else None,
            started_at=sitting.started_at if sitting else None,
            handed_in_at=sitting.handed_in_at if sitting else None,
            handed_in_by=sitting.handed_in_by if sitting else None,
            submission=work.submission.id if work.submission else None,
            points=dict(work.points),
            by_hand=work.by_hand,
            change=work.change,
            total=work.total,
            unmarked=list(work.unmarked),
        )


class ResultsOut(BaseModel):
    full: Points
    mean: Points | None
    median: Points | None
    histogram: list[int]
    items: list[ItemOut]
    students: list[StudentOut]

    @classmethod
    def of(cls, found: Results) -> Self:
        summary = found.spread.summary
        return cls(
            full=found.works.full,
            mean=summary.mean,
            median=summary.median,
            histogram=[bar.count for bar in found.spread.bars],
            items=[ItemOut.of(item, statistics) for item, statistics in found.items],
            students=[StudentOut.of(each) for each in found.works.all],
        )


class ComparedOut(BaseModel):
    """A question of a work of the sample. `first` is null for a second marker who has not marked yet."""

    id: int
    submission: int
    question: str
    full: Points
    first: Points | None
    second: Points | None
    difference: Points | None
    comment: str | None
    settled: Points | None
    reason: str | None
    is_settled: bool

    @classmethod
    def of(cls, found: Compared) -> Self:
        row = found.row
        return cls(
            id=row.id,
            submission=row.submission_id,
            question=found.question.name,
            full=found.question.points,
            first=found.first_points,
            second=row.points,
            difference=found.difference,
            comment=row.comment,
            settled=row.settled_points,
            reason=row.reason,
            is_settled=found.is_settled,
        )


class ModerationOut(BaseModel):
    """`seed` and `pool`: by which anybody can draw the sample again."""

    percent: int
    seed: str | None
    pool: list[int]
    open: int
    marks: list[ComparedOut]


class SecondMarkIn(BaseModel):
    points: Decimal
    comment: str = Field("", max_length=4000)


class SettleIn(BaseModel):
    points: Decimal
    reason: str = Field("", max_length=500)

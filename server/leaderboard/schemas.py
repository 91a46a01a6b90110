"""The leaderboard as JSON."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from grader.competition.manifest import Competition
from grader.protocol import Points, Text
from server.leaderboard.results import Result
from server.leaderboard.rules import Phase
from server.leaderboard.service import Earned
from server.leaderboard.standings import Half
from server.leaderboard.views import BaselineRow, Board, BoardPage, Row


class RowOut(BaseModel):
    """One place. `history`: when the value that shows became which, at most the last 20 times."""

    rank: int
    name: str
    alias: Text | None  # the pseudonym that others read, where the course has them
    score: Points | None  # in a competition one's own only
    max_score: Points
    metric: float | None
    low: float | None
    high: float | None
    received_at: datetime
    attempts: int
    moved: int | None
    history: list[tuple[datetime, float]]
    is_me: bool
    login: str | None  # staff only; of a team those of its members
    real_name: str | None  # staff only

    @classmethod
    def of(cls, row: Row, *, for_staff: bool) -> Self:
        low, high = row.interval or (None, None)
        return cls(
            rank=row.rank,
            name=row.name,
            alias=row.alias,
            score=row.points,
            max_score=row.max_points,
            metric=row.metric,
            low=low,
            high=high,
            received_at=row.standing.entry.received_at,
            attempts=row.standing.attempts,
            moved=row.moved,
            history=list(row.standing.history[-20:]),
            is_me=row.is_me,
            login=", ".join(person.login for person in row.people) if for_staff else None,
            real_name=", ".join(person.name for person in row.people) if for_staff else None,
        )


class BaselineOut(BaseModel):
    """A dashed row. `below`: how many rows stand above it."""

    id: str
    title: Text
    metric: float
    low: float
    high: float
    below: int

    @classmethod
    def of(cls, row: BaselineRow) -> Self:
        low, high = row.interval
        return cls(id=row.id, title=row.title, metric=row.value, low=low, high=high, below=row.below)


class BandOut(BaseModel):
    first: int
    last: int


class LeaderboardOut(BaseModel):
    course: str
    assignment: str
    metric: str | None
    direction: str
    half: Half
    phase: Phase
    closes_at: datetime
    freezes_at: datetime | None
    released_at: datetime | None
    rules: Competition | None
    total: int
    start: int
    rows: list[RowOut]
    me: RowOut | None
    baselines: list[BaselineOut]
    bands: list[BandOut]  # ranks that cannot be told apart
    progress: list[tuple[datetime, float]]  # the best of all values over time

    @classmethod
    def of(cls, board: Board, page: BoardPage) -> Self:
        for_staff = board.role.is_staff
        leaderboard = board.manifest.leaderboard
        return cls(
            course=board.assignment.course.slug,
            assignment=board.assignment.slug,
            metric=leaderboard.metric if leaderboard else None,
            direction=leaderboard.direction if leaderboard else "max",
            half=board.half,
            phase=page.phase,
            closes_at=board.assignment.closes_at,
            freezes_at=page.freezes_at,
            released_at=board.assignment.released_at,
            rules=board.manifest.competition,
            total=page.total,
            start=page.start,
            rows=[RowOut.of(row, for_staff=for_staff) for row in page.rows],
            me=RowOut.of(page.mine, for_staff=for_staff) if page.mine else None,
            baselines=[BaselineOut.of(row) for row in page.baselines],
            bands=[BandOut(first=band.first, last=band.last) for band in page.bands],
            progress=list(page.progress),
        )


class EarnedOut(BaseModel):
    login: str
    name: str
    team: str | None
    rank: int
    metric: float
    base: Points
    bonus: Points
    change: Points | None  # that the staff have made by hand, below 0
    points: Points

    @classmethod
    def of(cls, earned: Earned) -> Self:
        return cls(
            login=earned.person.login,
            name=earned.person.name,
            team=earned.person.team_name,
            rank=earned.rank,
            metric=earned.value,
            base=earned.points.base,
            bonus=earned.points.bonus,
            change=earned.change,
            points=earned.total,
        )


class PointsOut(BaseModel):
    """What everybody gets, or would get if the private scores were released now."""

    half: Half
    phase: Phase
    released_at: datetime | None
    rows: list[EarnedOut]


class ResultOut(BaseModel):
    """One submission's result. `metric` is null where the Ladder does not show it; `stands` is what the board shows instead."""

    name: str
    direction: str
    metric: float | None
    low: float | None
    high: float | None
    stands: float | None
    private: float | None  # once it is released; always for staff

    @classmethod
    def of(cls, result: Result) -> Self:
        low, high = result.interval or (None, None)
        return cls(
            name=result.name,
            direction=result.direction,
            metric=result.value,
            low=low,
            high=high,
            stands=result.stands,
            private=result.private,
        )

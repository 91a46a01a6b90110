"""The leaderboard as JSON."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from grader.protocol import Points
from server.leaderboard.queries import Row


class RowOut(BaseModel):
    rank: int
    name: str
    score: Points
    max_score: Points
    metric: float | None
    received_at: datetime
    is_me: bool
    login: str | None  # staff only

    @classmethod
    def of(cls, row: Row, *, me: int, for_staff: bool) -> Self:
        return cls(
            rank=row.rank,
            name=row.name,
            score=row.score,
            max_score=row.max_score,
            metric=row.metric,
            received_at=row.received_at,
            is_me=row.user_id == me,
            login=row.login if for_staff else None,
        )


class LeaderboardOut(BaseModel):
    course: str
    assignment: str
    metric: str | None
    rows: list[RowOut]

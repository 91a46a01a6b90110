"""JSON shapes of participation."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from server.participation import rules
from server.participation.models import Contribution, Note


class NewNote(BaseModel):
    student: str = Field(max_length=200, description="A login.")
    kind: Contribution
    text: str = Field("", max_length=rules.MAX_TEXT)
    points: Decimal | None = Field(None, ge=0, le=rules.MAX_POINTS, description="Left out: what the course gives for this kind.")


class NoteOut(BaseModel):
    id: int
    student: str
    kind: Contribution
    points: Decimal
    text: str | None
    recorded_by: str
    recorded_at: datetime
    taken_back_at: datetime | None

    @classmethod
    def of(cls, note: Note) -> Self:
        names = ("id", "kind", "points", "text", "recorded_at", "taken_back_at")
        shown = {name: getattr(note, name) for name in names}
        return cls(student=note.student.login, recorded_by=note.recorded_by.login, **shown)


class PointsOut(BaseModel):
    """`counted`: of what was earned, at most `most`."""

    student: str
    earned: Decimal
    counted: Decimal
    most: Decimal

    @classmethod
    def of(cls, login: str, points: rules.Points) -> Self:
        return cls(student=login, earned=points.earned, counted=points.counted, most=points.most)

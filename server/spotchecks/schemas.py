"""JSON shapes of spot checks; all of it is for staff."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from server.spotchecks import rules
from server.spotchecks.models import Draw, Impression, SpotCheck

Long = Annotated[str, Field(max_length=rules.MAX_TEXT)]


class NewSpotCheck(BaseModel):
    per_section: int = Field(ge=1, le=rules.MAX_PER_SECTION)
    seed: str | None = Field(None, max_length=rules.MAX_SEED, description="Left out: one is drawn.")
    readers: list[str] = Field([], max_length=100, description="Logins of staff, who read in turn.")


class Answer(BaseModel):
    question: Long
    answer: Long = ""


class Reading(BaseModel):
    """`version`: of the draw as it was read; another one in the meantime is refused."""

    version: int
    answers: list[Answer] = Field([], max_length=rules.MAX_QUESTIONS)
    impression: Impression | None = None
    note: Long = ""


class DrawOut(BaseModel):
    id: int
    student: str
    name: str
    section: str | None
    submission: int | None
    reader: str | None
    impression: Impression | None
    answers: list[Answer]
    note: str | None
    done_at: datetime | None
    version: int

    @classmethod
    def of(cls, draw: Draw) -> Self:
        return cls(
            id=draw.id,
            student=draw.student.login,
            name=draw.student.display_name,
            section=draw.section.name if draw.section else None,
            submission=draw.submission_id,
            reader=draw.reader.login if draw.reader else None,
            impression=draw.impression,
            answers=[Answer(**each) for each in draw.answers],
            note=draw.note,
            done_at=draw.done_at,
            version=draw.version,
        )


class SpotCheckOut(BaseModel):
    id: int
    course: str
    assignment: str
    seed: str
    per_section: int
    drawn_by: str
    drawn_at: datetime
    done: int
    draws: list[DrawOut]
    not_handed_in: list[str]

    @classmethod
    def of(cls, check: SpotCheck) -> Self:
        return cls(**summary(check))


class CandidateOut(BaseModel):
    login: str
    section: str
    times_drawn: int
    handed_in: bool


class ReplayOut(SpotCheckOut):
    """All that a sample follows from: seed, pool, and what the tables say now of how often each was drawn before."""

    pool: list[CandidateOut]
    drawn_before: dict[str, int]

    @classmethod
    def of_history(cls, check: SpotCheck, drawn_before: Mapping[str, int]) -> Self:
        pool = [CandidateOut(**each) for each in check.pool]
        return cls(**summary(check), pool=pool, drawn_before=dict(drawn_before))


def summary(check: SpotCheck) -> dict:
    return {
        "id": check.id,
        "course": check.assignment.course.slug,
        "assignment": check.assignment.slug,
        "seed": check.seed,
        "per_section": check.per_section,
        "drawn_by": check.drawn_by.login,
        "drawn_at": check.drawn_at,
        "done": sum(draw.done_at is not None for draw in check.draws),
        "draws": [DrawOut.of(draw) for draw in check.draws],
        "not_handed_in": [each["login"] for each in check.pool if not each["handed_in"]],
    }

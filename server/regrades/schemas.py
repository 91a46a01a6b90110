"""JSON shapes of regrade requests and of a course's terms for them."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from server.regrades import rules
from server.regrades.models import RegradePolicy, RegradeRequest, RegradeState, Remedy
from server.regrades.rules import Answer, Policy


class NewRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    subject: str = Field(
        max_length=200, description="`check:ID` of the report, `question:ID`, or `item:QUESTION/ID` of a rubric."
    )
    statement: str = Field(max_length=rules.MAX_STATEMENT)


class RequestOut(BaseModel):
    id: int
    course: str
    assignment: str
    submission: int
    attempt: int
    subject: str
    student: str
    statement: str
    state: RegradeState
    asked_at: datetime
    assigned_to: str | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    remedy: Remedy | None
    points: float | None
    version: int

    @classmethod
    def of(cls, request: RegradeRequest) -> Self:
        names = ("id", "subject", "statement", "state", "asked_at", "answer", "answered_at", "remedy", "version")
        submission = request.submission
        return cls(
            course=submission.assignment.course.slug,
            assignment=submission.assignment.slug,
            submission=submission.id,
            attempt=submission.attempt,
            student=request.student.login,
            assigned_to=request.assigned_to.login if request.assigned_to else None,
            answered_by=request.answered_by.login if request.answered_by else None,
            points=None if request.points is None else float(request.points),
            **{name: getattr(request, name) for name in names},
        )


class Assigning(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: str = Field("", max_length=200, description="A login of the staff; empty: nobody.")
    version: int


class AnswerIn(BaseModel):
    """`points`: given beside what the run has reached, taken where below zero; `rerun`: judged again in its place."""

    model_config = ConfigDict(extra="forbid")

    answer: str = Field(max_length=rules.MAX_ANSWER)
    accept: bool
    points: Decimal | None = Field(None, decimal_places=4, max_digits=12)
    rerun: bool = False
    version: int

    @model_validator(mode="after")
    def _one_remedy_where_accepted(self) -> Self:
        if self.accept != ((self.points is not None) != self.rerun) or (not self.accept and (self.rerun or self.points)):
            raise ValueError("an accepted request has either points or rerun; a declined one has neither")
        return self

    def answered(self) -> Answer:
        remedy = (Remedy.rerun if self.rerun else Remedy.points) if self.accept else None
        return Answer(self.answer, self.accept, remedy, self.points)


class Withdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int


class RegradePolicyOut(BaseModel):
    """`version` goes back with a change; 0 where the defaults hold."""

    days: int
    most_open: int
    version: int

    @classmethod
    def of(cls, row: RegradePolicy | None, holds: Policy) -> Self:
        return cls(days=holds.days, most_open=holds.most_open, version=row.version if row else 0)


class RegradePolicyIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    days: int = Field(ge=0, le=rules.MAX_DAYS, description="After the score; 0: nobody can ask.")
    most_open: int = Field(ge=1, le=rules.MOST_OPEN, description="Of each student at a time.")
    version: int = Field(0, description="Of the policy as it was read.")

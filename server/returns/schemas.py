"""JSON shapes of returns and of what a course takes for them."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from server.returns import rules
from server.returns.models import Return, ReturnPolicy
from server.returns.rules import Policy, Standing


class NewReturn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(max_length=rules.MAX_REASON, description="What has to be fixed; the student reads it.")


class ReturnOut(BaseModel):
    """`until`: when the fix has to be there; `percent`: of its score it loses; `fix`: the submission that came."""

    id: int
    course: str
    assignment: str
    submission: int
    attempt: int
    student: str
    reason: str
    percent: float
    returned_by: str
    returned_at: datetime
    until: datetime
    standing: Standing
    fix: int | None

    @classmethod
    def of(cls, found: Return, now: datetime) -> Self:
        return cls(
            id=found.id,
            course=found.assignment.course.slug,
            assignment=found.assignment.slug,
            submission=found.submission_id,
            attempt=found.submission.attempt,
            student=found.submission.author.login,
            reason=found.reason,
            percent=float(found.percent),
            returned_by=found.returned_by.login,
            returned_at=found.returned_at,
            until=found.until,
            standing=rules.standing_of(found, now),
            fix=found.fix_id,
        )


class ReturnPolicyOut(BaseModel):
    """`version` goes back with a change; 0 where nothing is set and `percent` and `days` are ours."""

    percent: float
    days: int
    version: int

    @classmethod
    def of(cls, row: ReturnPolicy | None, holds: Policy) -> Self:
        return cls(percent=float(holds.percent), days=holds.days, version=row.version if row else 0)


class ReturnPolicyIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    percent: Decimal = Field(ge=0, le=100, decimal_places=2, description="Of its score that a fix loses.")
    days: int = Field(ge=1, le=rules.MAX_DAYS, description="Within which it has to come.")
    version: int = Field(0, description="Of the policy as it was read.")

    def policy(self) -> Policy:
        return Policy(self.percent, self.days)

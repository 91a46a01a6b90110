"""JSON shapes of dates, policies and extensions."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from grader.protocol import Points, Text
from server.deadlines import service
from server.deadlines.models import AfterGrace, DateChange, Extension, LateKind, LatePolicy
from server.deadlines.rules import Counted, Dates, Phase, Returned, Why
from server.deadlines.wording import score_in_words


class DeductionOut(BaseModel):
    """What lateness and returns take off a score, and why; `days` are those that no grace day covers."""

    points: Points
    days: int
    grace_days: int
    why: Why | None  # null: grace days cover it all
    percent_per_day: float | None
    returned_percent: float  # for having been returned for a fix; 0: it was not
    sentence: Text

    @classmethod
    def of(cls, counted: Counted) -> Self | None:
        said, deduction = score_in_words(counted), counted.deduction
        if said is None:
            return None
        per_day = deduction.percent_per_day if deduction else None
        return cls(
            points=deduction.points if deduction else Decimal(0),
            days=deduction.days if deduction else 0,
            grace_days=counted.grace_days,
            why=deduction.why if deduction else None,
            percent_per_day=None if per_day is None else float(per_day),
            returned_percent=float(deduction.returned_percent) if deduction else 0,
            sentence=said,
        )


class CostOut(BaseModel):
    """What handing in late costs: grace days, of which `left` stay, and for what they do not cover a share of the score."""

    late_days: int
    grace_days: int
    left: int
    percent: float


class DatesOut(BaseModel):
    opens_at: datetime
    due_at: datetime
    closes_at: datetime

    @classmethod
    def of(cls, dates: Dates) -> Self:
        return cls.model_validate(dates, from_attributes=True)


class PolicyOut(BaseModel):
    """`version` goes back with a change; 0 where nothing is set yet."""

    kind: LateKind
    percent_per_day: float
    at_least_percent: float
    grace_days: int
    after_grace: AfterGrace
    version: int

    @classmethod
    def of(cls, row: LatePolicy | None) -> Self:
        if row is None:
            return cls(
                kind=LateKind.none,
                percent_per_day=10,
                at_least_percent=0,
                grace_days=0,
                after_grace=AfterGrace.refused,
                version=0,
            )
        return cls.model_validate(row, from_attributes=True)


class PolicyIn(BaseModel):
    """A whole policy. Of an assignment `grace_days` says nothing: the budget is the course's."""

    model_config = ConfigDict(extra="forbid")

    kind: LateKind
    percent_per_day: Decimal = Field(Decimal(10), gt=0, le=100, decimal_places=2)
    at_least_percent: Decimal = Field(Decimal(0), ge=0, le=100, decimal_places=2)
    grace_days: int = Field(0, ge=0, le=service.MAX_GRACE_DAYS)
    after_grace: AfterGrace = AfterGrace.refused
    version: int = Field(0, description="Of the policy as it was read.")

    def settings(self) -> service.PolicySettings:
        return service.PolicySettings(**self.model_dump(exclude={"version"}))


class ExtensionOut(BaseModel):
    id: int
    student: str | None
    section: str | None
    due_at: datetime | None
    closes_at: datetime | None
    plus_hours: int | None
    reason: str
    is_shared: bool
    given_by: str
    at: datetime

    @classmethod
    def of(cls, extension: Extension) -> Self:
        return cls(
            id=extension.id,
            student=extension.student.login if extension.student else None,
            section=extension.section.name if extension.section else None,
            due_at=extension.due_at,
            closes_at=extension.closes_at,
            plus_hours=extension.plus_hours,
            reason=extension.reason,
            is_shared=extension.is_shared,
            given_by=extension.given_by.login,
            at=extension.at,
        )


class ChangeOut(BaseModel):
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    changed_by: str | None  # null: at the server's console
    at: datetime

    @classmethod
    def of(cls, change: DateChange) -> Self:
        by = change.changed_by.login if change.changed_by else None
        return cls(before=change.before, after=change.after, reason=change.reason, changed_by=by, at=change.at)


class DeadlinesOut(DatesOut):
    """All that is settled for an assignment. `version` goes back with moved dates."""

    course: str
    assignment: str
    time_zone: str
    version: int
    policy: PolicyOut
    is_override: bool  # whether the policy is the assignment's own
    policy_version: int
    extensions: list[ExtensionOut]
    changes: list[ChangeOut]


class NewDates(BaseModel):
    """Dates that are left out stay."""

    model_config = ConfigDict(extra="forbid")

    opens_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    reason: str = Field(max_length=service.MAX_REASON)
    version: int = Field(description="Of the dates as they were read.")
    confirm: bool = Field(False, description="Although work that is handed in becomes late.")

    def moved(self, dates: Dates) -> Dates:
        return Dates(self.opens_at or dates.opens_at, self.due_at or dates.due_at, self.closes_at or dates.closes_at)


class NewExtensionIn(BaseModel):
    """New dates, or hours on top of the assignment's."""

    model_config = ConfigDict(extra="forbid")

    recipient: str = Field(max_length=200, description="A student's login, or a section's name.")
    reason: str = Field(max_length=service.MAX_REASON)
    due_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    plus_hours: int | None = Field(None, ge=1, le=service.MAX_HOURS)
    is_shared: bool = Field(False, description="Whether the student reads the reason.")

    def new(self) -> service.NewExtension:
        return service.NewExtension(**self.model_dump())


class TakeBack(BaseModel):
    reason: str = Field(max_length=service.MAX_REASON)
    confirm: bool = False


class FixOut(BaseModel):
    """What was returned and may be handed in once more, at `percent` of its score, whatever the dates say."""

    submission: int
    until: datetime
    percent: float

    @classmethod
    def of(cls, found: Returned) -> Self:
        return cls(submission=found.attempt_id, until=found.until, percent=float(found.percent))


class OwnDatesOut(DatesOut):
    """What holds for the asking person, and what handing in now would cost. `phase` is `fix` where only a fix may come."""

    phase: Phase
    is_extended: bool
    policy: Text
    grace_days: int | None  # of the course; null where none are used
    grace_days_left: int | None
    cost: CostOut | None
    fix: FixOut | None

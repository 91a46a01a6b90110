"""JSON shapes of rehearsals, as the command reads them."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from server.rehearsals.service import Rehearsal

MOST_STUDENTS, LEAST_S, MOST_S = 300, 5, 3600


class RehearsalIn(BaseModel):
    """`seconds`: how long its window is open; the exam's working minutes stay as they are."""

    model_config = ConfigDict(extra="forbid")

    students: int = Field(30, ge=1, le=MOST_STUDENTS)
    seconds: int = Field(180, ge=LEAST_S, le=MOST_S)


class AccountOut(BaseModel):
    login: str
    token: str = Field(description="Told once; it ends with the rehearsal.")


class RehearsalOut(BaseModel):
    """`exam`: under this slug in the hidden course `id`. `networks`: of the real exam; from where this was asked is one of them
    if `is_let_in`."""

    id: str
    exam: str
    now: datetime
    opens_at: datetime
    closes_at: datetime
    expires_at: datetime
    asks_to_move: bool
    check_limit: int
    fair_wait_s: int
    networks: list[str]
    is_let_in: bool
    staff: AccountOut
    students: list[AccountOut]

    @classmethod
    def of(cls, found: Rehearsal, *, now: datetime, networks: list[str], is_let_in: bool) -> Self:
        exam = found.exam
        return cls(
            id=found.id, exam=exam.assignment.slug, now=now, opens_at=found.window.opens_at, closes_at=found.window.closes_at,
            expires_at=found.expires_at, asks_to_move=exam.asks_to_move, check_limit=exam.check_limit,
            fair_wait_s=exam.fair_wait_s, networks=networks, is_let_in=is_let_in, staff=AccountOut(**vars(found.staff)),
            students=[AccountOut(**vars(each)) for each in found.students],
        )  # fmt: skip


class Figures(BaseModel):
    """What the checklist says of it. null: nothing of that kind was measured."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    errors: int = Field(0, ge=0)
    lost: int = Field(0, ge=0, description="Acknowledged saves that were not there afterwards.")
    save_p95_ms: float | None = Field(None, ge=0)
    check_delay_s: float | None = Field(None, ge=0, description="The longest that a run of the checks waited for the judge.")
    graded_s: float | None = Field(None, ge=0, description="p95, from handing in to the verdict.")
    by_clock: int = Field(0, ge=0)
    problems: list[str] = Field([], max_length=50, description="Codes of what has to be done first.")


class ReportIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    is_ready: bool
    figures: Figures = Figures()

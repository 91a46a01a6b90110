"""Runs, which are only ever added: a trigger refuses to change or delete one. And the GPUs that they may use."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.protocol import Report, Status
from server.database import Base
from server.submissions.models import Submission


class Run(Base):
    """A finished verdict. A job ends in at most one, however often it was started."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("job_id"),
        UniqueConstraint("submission_id", "number"),
        CheckConstraint("0 <= score AND score <= max_score", name="score_within_range"),
        CheckConstraint("status IN ('graded', 'ungradable')", name="a_system_fault_is_no_verdict"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    number: Mapped[int]
    status: Mapped[Status]
    score: Mapped[Decimal]
    max_score: Mapped[Decimal]
    # Report.model_dump(mode="json"), with what only staff may see. Large, so loaded only when asked for.
    report: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    seed: Mapped[str]
    fence: Mapped[int]
    versions: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    submission: Mapped[Submission] = relationship(back_populates="runs")

    def read_report(self) -> Report:
        return Report.model_validate(self.report)


class Measurement(Base):
    """What a run reached in a competition, on both halves of the items. Added with its run, and never changed either.

    The items hold what each one gave (`grader.competition.items`), so that two runs can be compared item by item.
    """

    __tablename__ = "measurements"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    public: Mapped[float]
    public_low: Mapped[float]
    public_high: Mapped[float]
    public_items: Mapped[bytes] = mapped_column(deferred=True)
    private: Mapped[float]
    private_low: Mapped[float]
    private_high: Mapped[float]
    private_items: Mapped[bytes] = mapped_column(deferred=True)


class Choice(Base):
    """A submission that its author has marked as final, where those count."""

    __tablename__ = "choices"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True)
    chosen_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class DeviceState(StrEnum):
    ready = "ready"
    quarantined = "quarantined"


class GpuDevice(Base):
    """A GPU that a worker has told of. Whether a job has it right now is a lock, not a column."""

    __tablename__ = "devices"
    __table_args__ = (CheckConstraint("(state = 'quarantined') = (why IS NOT NULL)", name="quarantine_has_a_reason"),)

    uuid: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    name: Mapped[str]
    memory_bytes: Mapped[int] = mapped_column(BigInteger)
    idle_bytes: Mapped[int] = mapped_column(BigInteger)  # what the driver itself uses of it when nothing runs
    state: Mapped[DeviceState] = mapped_column(default=DeviceState.ready)
    why: Mapped[str | None]
    since: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())  # in this state
    seen_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())  # by a worker that started
    set_back_at: Mapped[datetime | None]
    set_back_by: Mapped[str | None]

"""Previews of reruns. Their reports are kept apart from runs: no score, no board and no student's page reads them."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.protocol import Report, Status
from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import Base
from server.submissions.models import Submission


class PreviewState(StrEnum):
    judging = "judging"
    published = "published"
    dropped = "dropped"


class PreviewJobState(StrEnum):
    waiting = "waiting"
    running = "running"
    judged = "judged"
    failed = "failed"  # for a reason that is not the student's

    @property
    def is_over(self) -> bool:
        return self in (PreviewJobState.judged, PreviewJobState.failed)


class Preview(Base):
    """`wanted`: how its submissions were chosen. It stays readable after it was published or dropped."""

    __tablename__ = "previews"
    __table_args__ = (CheckConstraint("(state = 'judging') = (decided_at IS NULL)", name="decided_with_its_state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), index=True)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    wanted: Mapped[dict[str, Any]]
    reason: Mapped[str]
    state: Mapped[PreviewState] = mapped_column(default=PreviewState.judging)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]

    assignment: Mapped[Assignment] = relationship(lazy="joined", innerjoin=True)
    requested_by: Mapped[User] = relationship(foreign_keys=requested_by_id, lazy="joined", innerjoin=True)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id, lazy="joined")
    jobs: Mapped[list["PreviewJob"]] = relationship(order_by="PreviewJob.id", back_populates="preview")


class PreviewJob(Base):
    """One submission of a preview. `base_run_id`: the run that counted when it was asked for, None where there was none.

    Claimed, renewed and taken over like a `Job`; an old fence writes nothing.
    """

    __tablename__ = "preview_jobs"
    __table_args__ = (
        UniqueConstraint("preview_id", "submission_id"),
        Index("ix_preview_jobs_waiting", "preview_id", "id", postgresql_where=text("state IN ('waiting', 'running')")),
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease_while_running"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    preview_id: Mapped[int] = mapped_column(ForeignKey("previews.id", ondelete="CASCADE"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    base_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    state: Mapped[PreviewJobState] = mapped_column(default=PreviewJobState.waiting)
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    fault: Mapped[str | None]

    preview: Mapped[Preview] = relationship(back_populates="jobs")
    submission: Mapped[Submission] = relationship(lazy="joined", innerjoin=True)
    report: Mapped["PreviewReport | None"] = relationship(back_populates="job")


class PreviewReport(Base):
    """What a run would have said. Only ever added; publishing copies it into a run."""

    __tablename__ = "preview_reports"

    job_id: Mapped[int] = mapped_column(ForeignKey("preview_jobs.id"), primary_key=True)
    status: Mapped[Status]
    score: Mapped[Decimal]
    max_score: Mapped[Decimal]
    report: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    versions: Mapped[dict[str, Any]]
    fence: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    job: Mapped[PreviewJob] = relationship(back_populates="report")

    def read_report(self) -> Report:
        return Report.model_validate(self.report)

"""What was handed in (never edited) and the jobs that get it judged."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import Base

if TYPE_CHECKING:
    from server.grading.models import Choice, Measurement, Run


class State(StrEnum):
    received = "received"
    queued = "queued"
    running = "running"
    graded = "graded"
    needs_staff = "needs_staff"
    cancelled = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in (State.graded, State.needs_staff, State.cancelled)


class Queue(StrEnum):
    """The lane in which a job waits. Those of exams are emptied before all others."""

    cpu = "cpu"
    gpu = "gpu"
    exam = "exam"
    exam_gpu = "exam_gpu"

    @property
    def is_exam(self) -> bool:
        return self in (Queue.exam, Queue.exam_gpu)

    @property
    def needs_gpu(self) -> bool:
        return self in (Queue.gpu, Queue.exam_gpu)

    @property
    def ordinary(self) -> "Queue":
        """Where the same work waits when nobody sits in an exam for it."""
        return Queue.gpu if self.needs_gpu else Queue.cpu

    @property
    def urgent(self) -> "Queue":
        return Queue.exam_gpu if self.needs_gpu else Queue.exam

    @property
    def beside(self) -> tuple["Queue", ...]:
        """Lanes in which one person has one running job at most, taken together."""
        return EXAM_LANES if self.is_exam else ORDINARY_LANES


ORDINARY_LANES, EXAM_LANES = (Queue.cpu, Queue.gpu), (Queue.exam, Queue.exam_gpu)


class FileKind(StrEnum):
    uploaded = "uploaded"  # the bytes as they came: .py, .zip, .ipynb
    collected = "collected"  # the Python sources taken from them; these are judged
    answers = "answers"  # answers.json, to an assignment's questions
    attachment = "attachment"  # a file that answers one of them


class Blob(Base):
    """Bytes in the blob store, under their own hash. The row is written after the bytes are durable."""

    __tablename__ = "blobs"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Submission(Base):
    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("assignment_id", "author_id", "attempt"),
        UniqueConstraint("assignment_id", "author_id", "idempotency_key", name="uq_submissions_idempotency_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    attempt: Mapped[int]
    received_at: Mapped[datetime]
    sha256: Mapped[str]  # of the list that `sha256sum` prints for the uploaded files, sorted by name
    idempotency_key: Mapped[str | None]
    takes_attempt: Mapped[bool] = mapped_column(default=True)  # False once the attempt was given back

    assignment: Mapped[Assignment] = relationship(lazy="joined", innerjoin=True)
    author: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    files: Mapped[list["SubmissionFile"]] = relationship(order_by="SubmissionFile.id")
    jobs: Mapped[list["Job"]] = relationship(order_by="Job.id", back_populates="submission")
    runs: Mapped[list["Run"]] = relationship(order_by="Run.number", back_populates="submission", viewonly=True)
    measurements: Mapped[list["Measurement"]] = relationship(viewonly=True)
    choice: Mapped["Choice | None"] = relationship(viewonly=True)

    @property
    def job(self) -> "Job":
        """The newest one: its state is what a person sees."""
        return self.jobs[-1]

    @property
    def state(self) -> State:
        return self.job.state

    @property
    def is_from_exam(self) -> bool:
        """However often it is judged again, and by what lane."""
        return any(job.queue.is_exam for job in self.jobs)

    @property
    def run(self) -> "Run | None":
        """The run that counts for this attempt: the newest finished one."""
        return self.runs[-1] if self.runs else None


class SubmissionFile(Base):
    __tablename__ = "submission_files"
    __table_args__ = (UniqueConstraint("submission_id", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    kind: Mapped[FileKind]
    name: Mapped[str]  # for display only; bytes are found by their hash
    sha256: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"), index=True)

    blob: Mapped[Blob] = relationship(lazy="joined", innerjoin=True)


class Job(Base):
    """One request to judge a submission. `fence` grows with every claim; a write with an old fence is refused."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_waiting", "queue", "id", postgresql_where=text("state IN ('received', 'queued', 'running')")),
        Index(
            "uq_jobs_one_running_per_author",
            "author_id",
            unique=True,
            postgresql_where=text("state = 'running' AND queue IN ('cpu', 'gpu')"),
        ),
        Index(  # of its own, so that no homework that somebody has left running holds up his exam
            "uq_jobs_one_running_exam_per_author",
            "author_id",
            unique=True,
            postgresql_where=text("state = 'running' AND queue IN ('exam', 'exam_gpu')"),
        ),
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease_while_running"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # the staff member of a rerun
    queue: Mapped[Queue] = mapped_column(default=Queue.cpu)
    state: Mapped[State] = mapped_column(default=State.received)
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    sent_at: Mapped[datetime | None]  # when a message about it was last handed to the broker
    first_started_at: Mapped[datetime | None]  # when a worker first took it
    started_at: Mapped[datetime | None]  # of the newest try
    finished_at: Mapped[datetime | None]
    checks_done: Mapped[int] = mapped_column(default=0)
    checks_total: Mapped[int] = mapped_column(default=0)
    score_so_far: Mapped[Decimal] = mapped_column(default=Decimal(0))
    marks: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))  # of each check, as far as anybody may know
    logged: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))  # by the code, in public checks, while it runs
    fault: Mapped[dict[str, Any] | None]  # for staff: what went wrong in the last try

    submission: Mapped[Submission] = relationship(back_populates="jobs")

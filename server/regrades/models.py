"""What students asked to have looked at again, and on which terms a course takes such questions."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.courses.models import Course
from server.database import Base
from server.submissions.models import Submission


class RegradePolicy(Base):
    """Of a course; one without a row has the defaults. `version` locks optimistically."""

    __tablename__ = "regrade_policies"
    __table_args__ = (
        CheckConstraint("days >= 0", name="days_are_not_negative"),
        CheckConstraint("most_open > 0", name="most_open_is_positive"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    days: Mapped[int]  # after the score; 0: nobody can ask
    most_open: Mapped[int]  # of each student
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)


class RegradeState(StrEnum):
    open = "open"
    in_progress = "in_progress"
    accepted = "accepted"
    declined = "declined"
    withdrawn = "withdrawn"

    @property
    def is_waiting(self) -> bool:
        return self in (RegradeState.open, RegradeState.in_progress)


class Remedy(StrEnum):
    """What an accepted request leads to."""

    points = "points"
    rerun = "rerun"


class RegradeRequest(Base):
    """`subject` is `check:ID`, `question:ID` or `item:QUESTION/ID`. `run_id`: the run that was asked about."""

    __tablename__ = "regrade_requests"
    __table_args__ = (
        Index(
            "uq_regrade_requests_waiting",
            "submission_id",
            "subject",
            unique=True,
            postgresql_where=text("state IN ('open', 'in_progress')"),
        ),
        CheckConstraint("(state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)", name="answered_with_its_state"),
        CheckConstraint("(state = 'accepted') = (remedy IS NOT NULL)", name="remedy_where_accepted"),
        CheckConstraint("(points IS NOT NULL) = (remedy IS NOT DISTINCT FROM 'points')", name="points_with_their_remedy"),
        CheckConstraint("state <> 'in_progress' OR assigned_to_id IS NOT NULL", name="in_progress_with_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    subject: Mapped[str]
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    statement: Mapped[str]
    state: Mapped[RegradeState] = mapped_column(default=RegradeState.open)
    asked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answer: Mapped[str | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None]
    remedy: Mapped[Remedy | None]
    points: Mapped[Decimal | None]  # given beside what the run has reached; below zero: taken
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    submission: Mapped[Submission] = relationship(lazy="joined", innerjoin=True)
    student: Mapped[User] = relationship(foreign_keys=student_id, lazy="joined", innerjoin=True)
    assigned_to: Mapped[User | None] = relationship(foreign_keys=assigned_to_id, lazy="joined")
    answered_by: Mapped[User | None] = relationship(foreign_keys=answered_by_id, lazy="joined")

"""What was sent back for a fix, and what a course takes for that."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course
from server.database import Base
from server.submissions.models import Submission


class ReturnPolicy(Base):
    """Of a course, where `assignment_id` is None; else in its place for one assignment. `version` locks optimistically."""

    __tablename__ = "return_policies"
    __table_args__ = (
        Index("uq_return_policies_course", "course_id", unique=True, postgresql_where=text("assignment_id IS NULL")),
        Index("uq_return_policies_assignment", "assignment_id", unique=True, postgresql_where=text("assignment_id IS NOT NULL")),
        CheckConstraint("percent >= 0 AND percent <= 100", name="percent_is_a_percentage"),
        CheckConstraint("days > 0", name="days_are_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    percent: Mapped[Decimal]
    days: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)


class Return(Base):
    """A submission that its author, or the team, may hand in once more until a moment, with the percentage as it was then."""

    __tablename__ = "returns"
    __table_args__ = (
        Index("uq_returns_submission_id", "submission_id", unique=True, postgresql_where=text("taken_back_at IS NULL")),
        CheckConstraint("percent >= 0 AND percent <= 100", name="percent_is_a_percentage"),
        CheckConstraint("returned_at < until", name="leaves_time"),
        CheckConstraint("fix_id IS NULL OR taken_back_at IS NULL", name="fixed_or_taken_back"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str]
    percent: Mapped[Decimal]
    until: Mapped[datetime]
    returned_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    returned_at: Mapped[datetime]
    taken_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    taken_back_at: Mapped[datetime | None]
    fix_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id", ondelete="SET NULL"), unique=True)

    assignment: Mapped[Assignment] = relationship(lazy="joined", innerjoin=True)
    returned_by: Mapped[User] = relationship(foreign_keys=returned_by_id, lazy="joined", innerjoin=True)
    taken_back_by: Mapped[User | None] = relationship(foreign_keys=taken_back_by_id, lazy="joined")
    submission: Mapped[Submission] = relationship(foreign_keys=submission_id)
    fix: Mapped[Submission | None] = relationship(foreign_keys=fix_id)

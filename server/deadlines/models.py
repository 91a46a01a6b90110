"""Late policies, extensions, and the history of an assignment's dates."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course, Section
from server.database import Base


class LateKind(StrEnum):
    """What a begun day of lateness costs."""

    none = "none"
    percentage = "percentage"
    grace = "grace"


class AfterGrace(StrEnum):
    """What becomes of late work once the budget of grace days is used up."""

    refused = "refused"
    percentage = "percentage"


class LatePolicy(Base):
    """Of a course, where `assignment_id` is None; else in its place for one assignment. `version` locks optimistically."""

    __tablename__ = "late_policies"
    __table_args__ = (
        Index("uq_late_policies_course", "course_id", unique=True, postgresql_where=text("assignment_id IS NULL")),
        Index("uq_late_policies_assignment", "assignment_id", unique=True, postgresql_where=text("assignment_id IS NOT NULL")),
        CheckConstraint("percent_per_day > 0 AND percent_per_day <= 100", name="percent_per_day_is_a_percentage"),
        CheckConstraint("at_least_percent >= 0 AND at_least_percent <= 100", name="at_least_percent_is_a_percentage"),
        CheckConstraint("grace_days >= 0", name="grace_days_are_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    kind: Mapped[LateKind]
    percent_per_day: Mapped[Decimal] = mapped_column(default=Decimal(10))
    at_least_percent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    grace_days: Mapped[int] = mapped_column(default=0)  # the budget of each student; of the course, never of an assignment
    after_grace: Mapped[AfterGrace] = mapped_column(default=AfterGrace.refused)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)


class Extension(Base):
    """More time for a student or a section, or the taking back of that. Only added; a section that is merged takes them along."""

    __tablename__ = "extensions"
    __table_args__ = (
        CheckConstraint(
            "(takes_back_id IS NOT NULL)::int + (student_id IS NOT NULL)::int + (section_id IS NOT NULL)::int = 1",
            name="for_one_or_taken_back",
        ),
        CheckConstraint(
            "takes_back_id IS NOT NULL OR plus_hours IS NOT NULL OR due_at IS NOT NULL OR closes_at IS NOT NULL",
            name="moves_something",
        ),
        CheckConstraint("plus_hours > 0", name="plus_hours_are_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), index=True)
    student_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("sections.id"))
    due_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    plus_hours: Mapped[int | None]
    reason: Mapped[str]
    is_shared: Mapped[bool] = mapped_column(default=False, server_default=false())  # whether the student reads the reason
    takes_back_id: Mapped[int | None] = mapped_column(ForeignKey("extensions.id"), unique=True)
    given_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    student: Mapped[User | None] = relationship(foreign_keys=student_id, lazy="joined")
    section: Mapped[Section | None] = relationship(lazy="joined")
    given_by: Mapped[User] = relationship(foreign_keys=given_by_id, lazy="joined", innerjoin=True)


class DateChange(Base):
    """Dates of an assignment that were moved: `{"opens_at", "due_at", "closes_at"}` before and after. Only ever added."""

    __tablename__ = "date_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), index=True)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: at the server's console
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    assignment: Mapped[Assignment] = relationship(lazy="joined", innerjoin=True)
    changed_by: Mapped[User | None] = relationship(lazy="joined")

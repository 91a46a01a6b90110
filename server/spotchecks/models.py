"""Spot checks and the students drawn in them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Section
from server.database import Base
from server.submissions.models import Submission


class SpotCheck(Base):
    """One draw for an assignment. The seed and the pool give the same sample again.

    `pool` is who was in the course then: `[{"login", "section", "times_drawn", "handed_in"}, …]`, as `rules.Candidate`.
    """

    __tablename__ = "spot_checks"
    __table_args__ = (CheckConstraint("per_section > 0", name="per_section_is_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), index=True)
    seed: Mapped[str]
    per_section: Mapped[int]  # students; those in no section are one
    pool: Mapped[list[Any]] = mapped_column(deferred=True)  # as long as the class
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    drawn_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    assignment: Mapped[Assignment] = relationship(lazy="joined", innerjoin=True)
    drawn_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    draws: Mapped[list["Draw"]] = relationship(order_by="Draw.id", back_populates="spot_check")


class Impression(StrEnum):
    own_work = "own_work"  # explains it, can change it
    unsure = "unsure"
    not_explained = "not_explained"
    absent = "absent"


class Draw(Base):
    """A student to be read and asked. `answers` is the form: `[{"question", "answer"}, …]`. `version` locks optimistically."""

    __tablename__ = "spot_check_draws"
    __table_args__ = (
        UniqueConstraint("spot_check_id", "student_id"),
        CheckConstraint("(impression IS NULL) = (done_at IS NULL)", name="done_with_an_impression"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    spot_check_id: Mapped[int] = mapped_column(ForeignKey("spot_checks.id", ondelete="CASCADE"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id", ondelete="SET NULL"))  # None: none handed in
    section_id: Mapped[int | None] = mapped_column(ForeignKey("sections.id", ondelete="SET NULL"))
    reader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answers: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    impression: Mapped[Impression | None]
    note: Mapped[str | None]
    done_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    spot_check: Mapped[SpotCheck] = relationship(back_populates="draws", lazy="joined", innerjoin=True)
    student: Mapped[User] = relationship(foreign_keys=student_id, lazy="joined", innerjoin=True)
    reader: Mapped[User | None] = relationship(foreign_keys=reader_id, lazy="joined")
    section: Mapped[Section | None] = relationship(lazy="joined")
    submission: Mapped[Submission | None] = relationship()

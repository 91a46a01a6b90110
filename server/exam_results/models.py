"""Tables of moderation: the sample, and what a second marker gave. Beside the marks, never in their place."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.database import Base


class ModerationDraw(Base):
    """The sample that a second person marks. `pool`: ids of the works it was drawn from; with the seed it can be drawn again."""

    __tablename__ = "moderation_draws"

    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.assignment_id"), primary_key=True)
    seed: Mapped[str]
    pool: Mapped[list[Any]]
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class ModeratedMark(Base):
    """A second marking of one question of one work, beside the first. `settled_points`: what an instructor has decided."""

    __tablename__ = "moderated_marks"
    __table_args__ = (
        UniqueConstraint("submission_id", "question_id"),
        CheckConstraint("(points IS NULL) = (marked_by_id IS NULL)", name="marked_by_somebody"),
        CheckConstraint("(settled_at IS NULL) = (reason IS NULL)", name="settled_with_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.assignment_id"), index=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("marked_questions.id"))
    points: Mapped[Decimal | None]
    comment: Mapped[str | None]
    marked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    marked_at: Mapped[datetime | None]
    settled_points: Mapped[Decimal | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    marked_by: Mapped[User | None] = relationship(foreign_keys=marked_by_id)

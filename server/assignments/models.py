"""What is set in a course. Content (handout, checks, points) stays in the assignment's folder."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.courses.models import Course
from server.database import Base


class Counts(StrEnum):
    """Which attempt's score is the student's."""

    best = "best"
    latest = "latest"


class Assignment(Base):
    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("course_id", "slug"),
        CheckConstraint("opens_at <= due_at AND due_at <= closes_at", name="dates_in_order"),
        CheckConstraint("attempt_limit > 0", name="attempt_limit_is_positive"),
        CheckConstraint("per_day > 0", name="per_day_is_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    slug: Mapped[str]  # also the name of its folder
    opens_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    attempt_limit: Mapped[int]
    per_day: Mapped[int]
    counts: Mapped[Counts] = mapped_column(default=Counts.best)
    scored_limit: Mapped[int | None]  # attempts that reach a score, where those are counted apart
    scored_per_day: Mapped[int | None]
    released_at: Mapped[datetime | None]  # since when private scores and points are open to students
    visible: Mapped[bool] = mapped_column(default=True)
    # Taken in a sitting: nothing of it is shown to a student in any other way before it is released.
    is_exam: Mapped[bool] = mapped_column(default=False, server_default=false())

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)

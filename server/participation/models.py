"""Notes of participation, who was drawn, and what is presented or shown."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.attendance.models import RollCall
from server.courses.models import Course
from server.database import Base
from server.submissions.models import Submission


class Contribution(StrEnum):
    question = "question"
    answer = "answer"
    presentation = "presentation"
    other = "other"


class PointTable(Base):
    """What a course gives for each kind, and the most that counts in a term; a course without a row has the defaults."""

    __tablename__ = "participation_points"
    __table_args__ = (CheckConstraint("most > 0", name="most_is_positive"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[Decimal] = mapped_column(default=Decimal(1))
    answer: Mapped[Decimal] = mapped_column(default=Decimal(1))
    presentation: Mapped[Decimal] = mapped_column(default=Decimal(3))
    other: Mapped[Decimal] = mapped_column(default=Decimal(1))
    most: Mapped[Decimal] = mapped_column(default=Decimal(10))


class Note(Base):
    """Something a student has contributed. It is taken back, never changed."""

    __tablename__ = "participation_notes"
    __table_args__ = (CheckConstraint("points >= 0", name="points_are_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[Contribution]
    points: Mapped[Decimal]
    text: Mapped[str | None]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    taken_back_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)
    student: Mapped[User] = relationship(foreign_keys=student_id, lazy="joined", innerjoin=True)
    recorded_by: Mapped[User] = relationship(foreign_keys=recorded_by_id, lazy="joined", innerjoin=True)


class Reply(StrEnum):
    answered = "answered"
    not_answered = "not_answered"
    skipped = "skipped"  # not asked in the end; the draw counts all the same


class ColdCall(Base):
    """抽点: one student drawn from those present. Seed and pool give the same one again."""

    __tablename__ = "cold_calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    roll_call_id: Mapped[int] = mapped_column(ForeignKey("roll_calls.id"), index=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    seed: Mapped[str]
    pool: Mapped[list[Any]] = mapped_column(deferred=True)
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    drawn_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    reply: Mapped[Reply | None]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("participation_notes.id"))

    roll_call: Mapped[RollCall] = relationship(lazy="joined", innerjoin=True)
    student: Mapped[User] = relationship(foreign_keys=student_id, lazy="joined", innerjoin=True)


class InvitationState(StrEnum):
    invited = "invited"
    accepted = "accepted"
    declined = "declined"


class ShownAs(StrEnum):
    name = "name"
    pseudonym = "pseudonym"


class Presentation(Base):
    """An invitation to present a solution. `shown_as` is its author's consent to the showcase; None: not shown."""

    __tablename__ = "presentations"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    invited_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    word: Mapped[str | None]
    state: Mapped[InvitationState] = mapped_column(default=InvitationState.invited)
    answered_at: Mapped[datetime | None]
    shown_as: Mapped[ShownAs | None]

    submission: Mapped[Submission] = relationship(lazy="joined", innerjoin=True)
    invited_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)

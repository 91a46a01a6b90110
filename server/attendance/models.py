"""Roll calls, what became of everybody in them, and leave."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.courses.models import Course, Section
from server.database import Base


class Presence(StrEnum):
    present = "present"
    late = "late"
    absent = "absent"
    excused = "excused"


class Source(StrEnum):
    """How it became known."""

    code = "code"  # the student has typed it
    staff = "staff"
    leave = "leave"  # approved


class LeaveState(StrEnum):
    asked = "asked"
    approved = "approved"
    declined = "declined"
    withdrawn = "withdrawn"


class RollCall(Base):
    """`expected`: ids of who had to be there when it was opened. Called by name, it is closed from the start."""

    __tablename__ = "roll_calls"
    __table_args__ = (CheckConstraint("opened_at <= late_from AND late_from <= closes_at", name="late_within_the_window"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("sections.id", ondelete="SET NULL"))
    title: Mapped[str]
    secret: Mapped[str]  # the codes follow from it
    expected: Mapped[list[Any]] = mapped_column(deferred=True)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime]
    late_from: Mapped[datetime]
    closes_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)
    section: Mapped[Section | None] = relationship(lazy="joined")
    opened_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Sighting(Base):
    """One thing said about one student in one roll call; the newest counts. A trigger allows only additions.

    `browser` and `address` are keyed digests: they tell whether two are the same, and nothing else.
    """

    __tablename__ = "sightings"
    __table_args__ = (Index("ix_sightings_roll_call_id_student_id_id", "roll_call_id", "student_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    roll_call_id: Mapped[int] = mapped_column(ForeignKey("roll_calls.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    presence: Mapped[Presence]
    source: Mapped[Source]
    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str | None]
    browser: Mapped[str | None]
    address: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    actor: Mapped[User] = relationship(foreign_keys=actor_id, lazy="joined", innerjoin=True)


class WrongCode(Base):
    """A code that did not fit; enough of them make the next ones wait."""

    __tablename__ = "wrong_codes"
    __table_args__ = (Index("ix_wrong_codes_roll_call_id_student_id", "roll_call_id", "student_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    roll_call_id: Mapped[int] = mapped_column(ForeignKey("roll_calls.id", ondelete="CASCADE"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    at: Mapped[datetime]


class Leave(Base):
    """请假: asked for by a student, both days included, answered by staff."""

    __tablename__ = "leaves"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="ends_after_it_begins"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str]
    state: Mapped[LeaveState] = mapped_column(default=LeaveState.asked)
    asked_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    student: Mapped[User] = relationship(foreign_keys=student_id, lazy="joined", innerjoin=True)
    answered_by: Mapped[User | None] = relationship(foreign_keys=answered_by_id, lazy="joined")

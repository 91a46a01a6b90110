"""Cases, the students they are about, what is held against whom, and what came of it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import Base
from server.submissions.models import Submission


class Verdict(StrEnum):
    none = "none"  # nothing is held against the student
    warning = "warning"
    points = "points"
    refer = "refer"  # to whoever decides beyond the course


class EventKind(StrEnum):
    opened = "opened"
    added = "added"  # an exhibit
    told = "told"  # the student; again, where the message or the deadline changed
    stated = "stated"  # the student has said something
    decided = "decided"
    returned = "returned"  # a verdict that the second person did not share
    seconded = "seconded"
    closed = "closed"
    reopened = "reopened"
    erased = "erased"


class Case(Base):
    """Opened by a person, about one assignment. Each student of it is told, heard and decided upon by himself."""

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), index=True)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    reason: Mapped[str | None]  # why it was opened, for staff
    closed_at: Mapped[datetime | None]  # all are decided, and seconded where the course wants that
    erased_at: Mapped[datetime | None]  # the retention is over: exhibits and all that anybody wrote are gone
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    assignment: Mapped[Assignment] = relationship(lazy="joined", innerjoin=True)
    opened_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    parties: Mapped[list["Party"]] = relationship(order_by="Party.id", back_populates="case")
    exhibits: Mapped[list["Exhibit"]] = relationship(order_by="Exhibit.id")
    events: Mapped[list["Event"]] = relationship(order_by="Event.id")


class Party(Base):
    """A student of a case, as it stands. Where the course wants a second pair of eyes, a verdict counts once it is seconded.

    What was written (message, statements, reasons) is in the events.
    """

    __tablename__ = "case_parties"
    __table_args__ = (
        UniqueConstraint("case_id", "student_id"),
        CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="decided_with_a_verdict"),
        CheckConstraint("(points IS NOT NULL) = (verdict IS NOT DISTINCT FROM 'points')", name="points_with_their_verdict"),
        CheckConstraint("points > 0", name="points_are_positive"),
        CheckConstraint("seconded_by_id <> decided_by_id", name="seconded_by_somebody_else"),
        CheckConstraint("counts_at IS NULL OR decided_at IS NOT NULL", name="counts_once_decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    told_at: Mapped[datetime | None]
    heard_until: Mapped[datetime | None]  # until when a statement can be made
    stated_at: Mapped[datetime | None]  # the last time
    verdict: Mapped[Verdict | None]
    points: Mapped[Decimal | None]  # taken off
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    seconded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    seconded_at: Mapped[datetime | None]
    counts_at: Mapped[datetime | None]  # since when; None: it waits for the second person
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    case: Mapped[Case] = relationship(back_populates="parties", lazy="joined", innerjoin=True)
    student: Mapped[User] = relationship(foreign_keys=student_id, lazy="joined", innerjoin=True)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id, lazy="joined")
    seconded_by: Mapped[User | None] = relationship(foreign_keys=seconded_by_id, lazy="joined")
    submission: Mapped[Submission] = relationship()


class Event(Base):
    """One step of a case. `text` is what its actor wrote: the only place for it, so that it can be erased."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    party_id: Mapped[int | None] = mapped_column(ForeignKey("case_parties.id", ondelete="CASCADE"))  # None: of the whole case
    kind: Mapped[EventKind]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: the system
    text: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))

    actor: Mapped[User | None] = relationship(lazy="joined")


class Exhibit(Base):
    """Two works and where they are alike, as it was when they came into the case: a later comparison changes nothing in it.

    `content` holds names, code and evidence of both sides, so that a case stands by itself. Of a spot check it has one side.
    """

    __tablename__ = "case_exhibits"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    left_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    right_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id"))  # None: an archived work, or none
    added_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    content: Mapped[dict[str, Any]] = mapped_column(deferred=True)


class PointChange(Base):
    """Points that a person has taken off or given, beside what runs reached. Only ever added.

    With a submission they belong to that attempt, and count where it does, lateness included; else to whatever counts.
    """

    __tablename__ = "point_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    points: Mapped[Decimal]  # below zero: taken off
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id"), index=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))

    actor: Mapped[User] = relationship(foreign_keys=actor_id, lazy="joined", innerjoin=True)

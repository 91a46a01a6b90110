"""An exam is an assignment with a row here; a sitting is one student's time in it. What is granted and saved is only added to."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import KEEPS_APART, Section
from server.database import Base


class Grant(StrEnum):
    """Why somebody has more time."""

    accommodation = "accommodation"  # known before
    extra = "extra"  # given by an invigilator
    queue = "queue"  # a check waited for the judge
    outage = "outage"  # the platform did not answer
    taken_back = "taken_back"  # a mistake, before it was used


class HandedInBy(StrEnum):
    student = "student"
    clock = "clock"  # the time was over
    staff = "staff"


class PlaceState(StrEnum):
    """Where a sitting goes on: at one place at a time."""

    active = "active"
    waiting = "waiting"  # for an invigilator's permission
    left = "left"  # the sitting has moved on
    refused = "refused"


class Missed(StrEnum):
    """Why something that arrived does not count by itself."""

    ended = "ended"  # after the time was over
    moved = "moved"  # from a place that the sitting has left
    conflict = "conflict"  # upon a version that somebody else has replaced


class Exam(Base):
    """Its window is the assignment's opens_at and closes_at. `networks`: CIDR, empty: from anywhere."""

    __tablename__ = "exams"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes_are_positive"),
        CheckConstraint("check_limit >= 0", name="check_limit_is_not_negative"),
        CheckConstraint("fair_wait_s > 0", name="fair_wait_is_positive"),
        CheckConstraint("moderated_percent BETWEEN 0 AND 100", name="moderated_is_a_percentage"),
    )

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True)
    minutes: Mapped[int]  # of working time
    is_practice: Mapped[bool] = mapped_column(default=False, server_default=false())  # anybody, at any time, again and again
    asks_to_move: Mapped[bool] = mapped_column(default=True)  # going on at another device needs permission
    networks: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    check_limit: Mapped[int] = mapped_column(default=20)  # runs of the public checks in one sitting
    fair_wait_s: Mapped[int] = mapped_column(default=20)  # beyond it, waiting for the judge is given back
    moderated_percent: Mapped[int] = mapped_column(default=0)  # of the works, marked by a second person
    honour_en: Mapped[str | None]  # None: the paper's own, or ours
    honour_zh: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    assignment: Mapped[Assignment] = relationship(lazy="joined", innerjoin=True)


class ExamWindow(Base):
    """A section that sits at another time than the others."""

    __tablename__ = "exam_windows"
    __table_args__ = (CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"), {"info": KEEPS_APART})

    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.assignment_id", ondelete="CASCADE"), primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"), primary_key=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]

    section: Mapped[Section] = relationship(lazy="joined", innerjoin=True)


class TimeGrant(Base):
    """Seconds given to one student in one exam. `given_by_id` is None where the platform gave them by itself."""

    __tablename__ = "time_grants"
    __table_args__ = (
        CheckConstraint("(seconds > 0) = (kind <> 'taken_back')", name="only_mistakes_take"),
        Index("ix_time_grants_exam_id_student_id", "exam_id", "student_id"),
        UniqueConstraint("exam_id", "student_id", "kind", "cause", name="uq_time_grants_cause"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.assignment_id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    seconds: Mapped[int]
    kind: Mapped[Grant]
    reason: Mapped[str]
    cause: Mapped[str | None]  # of what the platform gives: `submission 12`, `outage 3`; never given twice
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    given_by: Mapped[User | None] = relationship(foreign_keys=given_by_id)


class Sitting(Base):
    """One student's attempt at an exam. Its end is computed from what is granted (`rules.ends_at`), and never stored."""

    __tablename__ = "sittings"
    __table_args__ = (
        UniqueConstraint("exam_id", "student_id", "number"),
        CheckConstraint("(handed_in_at IS NULL) = (handed_in_by IS NULL)", name="handed_in_by_somebody"),
        Index("ix_sittings_running", "exam_id", postgresql_where=text("handed_in_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.assignment_id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    number: Mapped[int]  # above 1 only in practice
    started_at: Mapped[datetime]
    working_s: Mapped[int]  # as it was when it began
    closes_at: Mapped[datetime]  # of the window in which it began; staff may move it to later
    honour: Mapped[str]  # as it was accepted
    flags: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))  # fields to come back to
    last_saved_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime]
    handed_in_at: Mapped[datetime | None]
    handed_in_by: Mapped[HandedInBy | None]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id"))  # None: nothing was answered
    left_out: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # by field, why it could not be handed in

    exam: Mapped[Exam] = relationship(lazy="joined", innerjoin=True)
    student: Mapped[User] = relationship(foreign_keys=student_id, lazy="joined", innerjoin=True)


class Place(Base):
    """A tab of a browser in which a sitting goes on. The tab holds a random key, this row only its hash.

    browser: digest of the session and the kind of browser; the same one may go on in another tab by itself.
    """

    __tablename__ = "places"
    __table_args__ = (
        Index("uq_places_one_active", "sitting_id", unique=True, postgresql_where=text("state = 'active'")),
        CheckConstraint("(permitted_by_id IS NULL) = (permitted_at IS NULL)", name="permitted_at_some_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"), index=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    browser: Mapped[str]
    agent: Mapped[str]  # the user agent, cut; for invigilators
    address: Mapped[str]
    state: Mapped[PlaceState]
    opened_at: Mapped[datetime]
    permitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    permitted_at: Mapped[datetime | None]


class SavedAnswer(Base):
    """What stands in a field now. field: `question:ID` or `file:NAME`; value: as the form has it, of a file its text."""

    __tablename__ = "saved_answers"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    value: Mapped[Any] = mapped_column(JSONB)
    saved_at: Mapped[datetime]


class SavedVersion(Base):
    """What stood in a field, at most once a minute; so a paper's history can be read a year later."""

    __tablename__ = "saved_versions"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True)  # since the sitting began
    version: Mapped[int]
    value: Mapped[Any] = mapped_column(JSONB)
    saved_at: Mapped[datetime]


class MissedSave(Base):
    """What arrived and does not count by itself. Staff let it count or dismiss it, with a reason; it is kept in any case."""

    __tablename__ = "missed_saves"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(dismissed_at, dismissed_by_id, dismissed_because) IN (0, 3)", name="dismissed_with_a_reason"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"), index=True)
    field: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    why: Mapped[Missed]
    arrived_at: Mapped[datetime]
    counted_at: Mapped[datetime | None]
    counted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    dismissed_at: Mapped[datetime | None]
    dismissed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    dismissed_because: Mapped[str | None]


class SittingEvent(Base):
    """What an invigilator should know of a sitting: started, moved, another address, handed in. Only added."""

    __tablename__ = "sitting_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class ExamNotice(Base):
    """Said to everybody who sits, or to one section, while they sit. Never changed."""

    __tablename__ = "exam_notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.assignment_id"), index=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("sections.id", ondelete="SET NULL"))
    text_en: Mapped[str]
    text_zh: Mapped[str]
    said_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Pulse(Base):
    """One row: when the platform last showed that it was alive. A gap while somebody sat is given back."""

    __tablename__ = "pulse"

    id: Mapped[int] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime]


class Outage(Base):
    """A gap in the pulse."""

    __tablename__ = "outages"

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]

"""What staff have changed by hand: who, when, what. Lines are only ever added; a trigger refuses the rest."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, false, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from server.accounts.models import User
from server.courses.models import Course
from server.database import Base


class AuditLine(Base):
    """`action` is a word like `team.member_added`; `subject` names what it was done to."""

    __tablename__ = "audit_lines"
    __table_args__ = (Index("ix_audit_lines_course_id_id", "course_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    action: Mapped[str]
    subject: Mapped[dict[str, Any]]

    actor: Mapped[User | None] = relationship(lazy="joined")


def write_line(session: Session, *, course: Course, actor: User | None, action: str, **subject: Any) -> AuditLine:
    """Note it in the transaction that does it."""
    line = AuditLine(course_id=course.id, actor_id=actor.id if actor else None, action=action, subject=subject)
    session.add(line)
    session.flush()
    return line


def list_lines(session: Session, *, course: Course, before: int | None = None, limit: int = 200) -> list[AuditLine]:
    """Newest first; from below an id on."""
    query = select(AuditLine).where(AuditLine.course_id == course.id).order_by(AuditLine.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditLine.id < before)
    return list(session.scalars(query))


def list_lines_about(session: Session, *, course: Course, any_of: Iterable[dict[str, Any]]) -> list[AuditLine]:
    """Those whose subject holds all that one of these holds, newest first; of a list, what stands in both."""
    fits = or_(false(), *(AuditLine.subject.contains(each) for each in any_of))
    query = select(AuditLine).where(AuditLine.course_id == course.id, fits)
    return list(session.scalars(query.order_by(AuditLine.id.desc())))

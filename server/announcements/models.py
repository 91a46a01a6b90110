"""Announcements, every wording they ever had, who has read how far, and drafts of a course's own."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.channels.models import Occasion
from server.courses.models import Course, Section
from server.database import Base


class Announcement(Base):
    """Students see it from `publish_at` until it is withdrawn. `version` locks optimistically."""

    __tablename__ = "announcements"
    __table_args__ = (Index("ix_announcements_course_id_publish_at", "course_id", "publish_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("sections.id"))  # None: for everybody
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: the system
    occasion: Mapped[Occasion] = mapped_column(default=Occasion.announcement)
    title: Mapped[str]
    text: Mapped[str]  # Markdown
    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    publish_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    changed_at: Mapped[datetime | None]  # its wording, after it was published
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)
    section: Mapped[Section | None] = relationship(lazy="joined")
    author: Mapped[User | None] = relationship(lazy="joined")
    revisions: Mapped[list["Revision"]] = relationship(order_by="Revision.id")


class Revision(Base):
    """A wording as somebody has saved it, the first one included. Only ever added."""

    __tablename__ = "announcement_revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    saved_at: Mapped[datetime]
    title: Mapped[str]
    text: Mapped[str]

    author: Mapped[User | None] = relationship(lazy="joined")


class Reader(Base):
    """Up to when somebody has read the announcements of a course."""

    __tablename__ = "announcement_readers"

    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollments.id", ondelete="CASCADE"), primary_key=True)
    read_at: Mapped[datetime]


class OwnDraft(Base):
    """A draft that a course keeps for the next time; placeholders as in the built-in ones."""

    __tablename__ = "announcement_drafts"
    __table_args__ = (UniqueConstraint("course_id", "name"), CheckConstraint("name <> ''", name="has_a_name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    name: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

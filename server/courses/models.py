"""Tables of courses and their people."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false, func, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.protocol import Text
from server.accounts.models import User
from server.database import Base


class Role(StrEnum):
    student = "student"
    ta = "ta"
    instructor = "instructor"

    @property
    def is_staff(self) -> bool:
        return self is not Role.student


class BoardNames(StrEnum):
    """Under which names students stand on the boards of a course; staff always see both."""

    real = "real"
    pseudonyms = "pseudonyms"


class Asking(StrEnum):
    """Whether students are asked, with each submission, what they have used."""

    no = "no"
    asked = "asked"  # one may hand in without, and is reminded
    required = "required"


class Course(Base):
    __tablename__ = "courses"
    __table_args__ = (CheckConstraint("cases_kept_days > 0", name="cases_kept_days_is_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title_en: Mapped[str]
    title_zh: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="Asia/Shanghai")  # an IANA name; days of quotas begin at its midnight
    board_names: Mapped[BoardNames] = mapped_column(default=BoardNames.real, server_default=BoardNames.real)
    asks_sources: Mapped[Asking] = mapped_column(default=Asking.asked, server_default=Asking.asked)
    honour_en: Mapped[str | None]  # the course's own wording, Markdown; None: ours
    honour_zh: Mapped[str | None]
    tells_students: Mapped[bool] = mapped_column(default=True, server_default=true())  # of a case, and hears them
    second_eyes: Mapped[bool] = mapped_column(default=False, server_default=false())  # a verdict needs two people
    cases_kept_days: Mapped[int] = mapped_column(default=730, server_default="730")  # after they were closed
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def title(self) -> Text:
        return Text(en=self.title_en, zh=self.title_zh)


class Section(Base):
    __tablename__ = "sections"
    __table_args__ = (UniqueConstraint("course_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    name: Mapped[str]


class Enrollment(Base):
    """One person in one course. Its row is the lock under which that person's attempts are counted."""

    __tablename__ = "enrollments"
    __table_args__ = (UniqueConstraint("course_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("sections.id", ondelete="SET NULL"))
    role: Mapped[Role]

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    section: Mapped[Section | None] = relationship()

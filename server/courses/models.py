"""Tables of courses and their people."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint, false, func, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.protocol import Text
from server.accounts.models import User
from server.database import Base

KEEPS_APART = {"keeps_sections_apart": True}  # `info` of a table whose rows hold for one section and must not for another


class Role(StrEnum):
    student = "student"
    ta = "ta"
    instructor = "instructor"

    @property
    def is_staff(self) -> bool:
        return self is not Role.student


class Standing(StrEnum):
    active = "active"
    withdrawn = "withdrawn"  # keeps the work, reads it, hands nothing in


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
    join_code: Mapped[str | None] = mapped_column(unique=True)  # None: nobody signs up by himself
    join_asks_section: Mapped[bool] = mapped_column(default=False, server_default=false())
    roster_version: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # grows with each change of who is in it, and as what
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
    __table_args__ = (
        UniqueConstraint("course_id", "user_id"),
        CheckConstraint("(standing = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at_some_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("sections.id", ondelete="SET NULL"))
    role: Mapped[Role]
    standing: Mapped[Standing] = mapped_column(default=Standing.active, server_default=Standing.active)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: the system, or nobody
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # of what a form changes: the second writer is told

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)
    user: Mapped[User] = relationship(foreign_keys=user_id, lazy="joined", innerjoin=True)
    withdrawn_by: Mapped[User | None] = relationship(foreign_keys=withdrawn_by_id)
    section: Mapped[Section | None] = relationship()

    @property
    def is_active(self) -> bool:
        return self.standing is Standing.active


class RosterFile(Base):
    """A file that was uploaded and waits, for an hour, to be confirmed; what it would change is worked out anew each time."""

    __tablename__ = "roster_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    section: Mapped[str | None]  # for those of whom the file names none; then only this section can lack somebody
    content: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)


class Invitation(Base):
    """A link by which a person takes over the account that the roster made. Used once; this row holds only its hash."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollments.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    enrollment: Mapped[Enrollment] = relationship(lazy="joined", innerjoin=True)

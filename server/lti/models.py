"""Learning platforms, what their links lead to, our keys, and scores on their way back."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course
from server.database import Base


class LearningPlatform(Base):
    """Moodle, Canvas, … It vouches for people, so it works only once the operator has approved it."""

    __tablename__ = "lti_platforms"
    __table_args__ = (
        Index(
            "uq_lti_platforms_issuer_client_id", "issuer", "client_id", unique=True, postgresql_where=text("removed_at IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)  # None: every course
    name: Mapped[str]
    issuer: Mapped[str]
    client_id: Mapped[str]
    deployments: Mapped[list[Any]]
    auth_url: Mapped[str]
    token_url: Mapped[str]
    jwks_url: Mapped[str]
    links_by: Mapped[list[Any]] = mapped_column(default=list)  # "number", "email": how a stranger finds his account
    creates_accounts: Mapped[bool] = mapped_column(default=False, server_default=false())
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: the operator
    added_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    approved_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    course: Mapped[Course | None] = relationship(lazy="joined")

    @property
    def namespace(self) -> str:
        """The issuer under which its people are linked: no other platform speaks for them."""
        return f"lti:{self.id}"


class SigningKey(Base):
    """Of ours. A retired one stays among the public keys for some days."""

    __tablename__ = "lti_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    public: Mapped[dict[str, Any]]
    made_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    retired_at: Mapped[datetime | None]


class ResourceLink(Base):
    """A link in a platform's course, and to what it leads here; with an assignment, where its scores go."""

    __tablename__ = "lti_links"
    __table_args__ = (UniqueConstraint("platform_id", "deployment", "resource"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platforms.id", ondelete="CASCADE"))
    deployment: Mapped[str]
    resource: Mapped[str]
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    lets_in: Mapped[bool]  # whether a learner who is not in the course becomes its student
    lineitem_url: Mapped[str | None]
    lineitems_url: Mapped[str | None]
    looked_for_at: Mapped[datetime | None]  # a worker looks for the line item, or makes it
    bound_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    bound_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    platform: Mapped[LearningPlatform] = relationship(lazy="joined", innerjoin=True)
    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)
    assignment: Mapped[Assignment | None] = relationship(lazy="joined")
    bound_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Returning(StrEnum):
    waiting = "waiting"
    sending = "sending"
    sent = "sent"
    failed = "failed"


class ReturnedScore(Base):
    """The newest score of a student for a link; `wanted` is what the platform should hold, `sent` what it has taken."""

    __tablename__ = "lti_scores"
    __table_args__ = (UniqueConstraint("link_id", "student_id"), Index("ix_lti_scores_state_due_at", "state", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("lti_links.id", ondelete="CASCADE"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    subject: Mapped[str]
    total: Mapped[Decimal | None]  # as in `wanted`, for people to read
    wanted: Mapped[dict[str, Any]]
    wanted_at: Mapped[datetime]
    sent: Mapped[dict[str, Any] | None]
    sent_at: Mapped[datetime | None]
    state: Mapped[Returning] = mapped_column(default=Returning.waiting)
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)  # grows with each try: an earlier one's answer counts no more
    started_at: Mapped[datetime | None]
    said: Mapped[dict[str, Any] | None]  # what the platform answered, in both languages

    link: Mapped[ResourceLink] = relationship(lazy="joined", innerjoin=True)
    student: Mapped[User] = relationship(lazy="joined", innerjoin=True)

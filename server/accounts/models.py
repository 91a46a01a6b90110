"""Tables of people and of what proves who they are."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Base


class Language(StrEnum):
    en = "en"
    zh = "zh"


class User(Base):
    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("login = lower(login)", name="login_is_lower_case"),
        CheckConstraint("student_number = upper(student_number)", name="student_number_is_upper_case"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    email: Mapped[str | None]
    student_number: Mapped[str | None] = mapped_column(unique=True)  # 学号, of the whole platform
    language: Mapped[Language] = mapped_column(default=Language.en)
    password_hash: Mapped[str | None]  # None: this person signs in another way, or not at all
    # The course whose roster made the account, as long as its person has not taken it over: only there invitations are made.
    made_by_course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="SET NULL"))
    is_active: Mapped[bool] = mapped_column(default=True)
    wants_mail: Mapped[bool] = mapped_column(default=True, server_default=true())  # messages, by e-mail as well
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class WebSession(Base):
    """One browser. The cookie holds a random token, this row only its hash."""

    __tablename__ = "web_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class ApiToken(Base):
    """A personal token for programs. `prefix` is shown, so that its owner recognises it."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class SignInFailure(Base):
    """A bad password; enough of them slow the next attempts down."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_login_failed_at", "login", "failed_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str]
    address: Mapped[str]  # or the known browser
    failed_at: Mapped[datetime]

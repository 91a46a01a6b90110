"""Links from an account elsewhere to one of ours, sign-ins that are under way, and those that were turned away."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.database import Base


class LinkedBy(StrEnum):
    """How it came to be known that both are one person."""

    person = "person"  # signed in here, then there
    number = "number"  # the same student number
    email = "email"  # the same address, which the other side vouches for
    operator = "operator"
    created = "created"  # the account was made for it


class Identity(Base):
    """`subject` is who somebody is at `issuer`. A link that was undone stays as a line of history."""

    __tablename__ = "identities"
    __table_args__ = (
        Index("uq_identities_issuer_subject", "issuer", "subject", unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("uq_identities_issuer_user_id", "issuer", "user_id", unique=True, postgresql_where=text("removed_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    label: Mapped[str]  # what the person recognises: a login or an address there
    linked_by: Mapped[LinkedBy]
    linked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    last_used_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Departure(Base):
    """Somebody was sent to sign in elsewhere. Taken once; only the browser that left can come back."""

    __tablename__ = "departures"

    id: Mapped[int] = mapped_column(primary_key=True)
    state_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary)
    purpose: Mapped[str]  # "sign_in", "link", or what another domain calls its own
    facts: Mapped[dict[str, Any]]  # where to go afterwards, and what else has to be known then
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))  # who links
    expires_at: Mapped[datetime] = mapped_column(index=True)


class TurnedAway(Base):
    """A sign-in that fits no account. Its code is what the person tells support."""

    __tablename__ = "turned_away"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    claimed: Mapped[dict[str, Any]]  # number, email, login, name: as the other side says
    reason: Mapped[str]
    at: Mapped[datetime]

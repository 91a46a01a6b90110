"""Declarations of sources, which are only ever added: the newest one of a submission counts."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.database import Base


class SourceKind(StrEnum):
    person = "person"
    link = "link"
    ai = "ai"
    other = "other"


class Declaration(Base):
    """What one submission was made with; no source at all is a declaration, too.

    Each source is `{"kind": SourceKind, "what": str, "used_for": str, "names": [function, …]}`.
    """

    __tablename__ = "declarations"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    sources: Mapped[list[Any]]

    made_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)

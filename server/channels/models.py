"""Channels of a course, and what was sent through them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.courses.models import Course
from server.database import Base


class Kind(StrEnum):
    wecom = "wecom"
    feishu = "feishu"
    lark = "lark"
    dingtalk = "dingtalk"
    email = "email"
    webhook = "webhook"


class Occasion(StrEnum):
    """What a message comes of; channels choose by it."""

    announcement = "announcement"  # somebody wrote it
    date_moved = "date_moved"


class Channel(Base):
    """`sealed` is the address, encrypted; nothing but a worker that sends opens it. `hint` is what people see of it."""

    __tablename__ = "channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    kind: Mapped[Kind]
    name: Mapped[str]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # None: removed
    hint: Mapped[str]
    occasions: Mapped[list[Any]]  # names of `Occasion`
    added_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    removed_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)
    added_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Sending(StrEnum):
    waiting = "waiting"
    sending = "sending"
    sent = "sent"
    failed = "failed"
    unclear = "unclear"  # it may have arrived: nobody but a person sends it again
    cancelled = "cancelled"


class Delivery(Base):
    """One message through one channel. `answer` says what the other side said, in both languages."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("channel_id", "subject"), Index("ix_deliveries_state_due_at", "state", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    subject: Mapped[str]  # "announcement 12", "test 5": one of them goes through a channel once
    title: Mapped[str]
    text: Mapped[str]  # Markdown
    path: Mapped[str]  # where it stands on our pages
    state: Mapped[Sending] = mapped_column(default=Sending.waiting)
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]  # the last try
    sent_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None]

    channel: Mapped[Channel] = relationship(lazy="joined", innerjoin=True)

"""Messages to one person."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.channels.models import Sending
from server.courses.models import Course
from server.database import Base


class Kind(StrEnum):
    """What somebody is told; `templates/words.html` has the words, `rules.FACTS` what they need."""

    case_told = "case_told"
    returned_for_fix = "returned_for_fix"
    regrade_answered = "regrade_answered"
    scores_published = "scores_published"
    date_moved = "date_moved"
    early_warning = "early_warning"
    mark_set = "mark_set"
    grade_set = "grade_set"
    exam_set = "exam_set"
    exam_moved = "exam_moved"


class PersonalMessage(Base):
    """Kept as a kind and facts, so that it is worded in the language of whoever reads it."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_user_id_read_at", "user_id", "read_at"),
        Index("ix_messages_mail_mail_due_at", "mail", "mail_due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"))
    kind: Mapped[Kind]
    facts: Mapped[dict[str, Any]]
    link: Mapped[str]  # where it leads on our pages
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    read_at: Mapped[datetime | None]
    mail: Mapped[Sending | None]  # None: no e-mail belongs to it
    mail_due_at: Mapped[datetime | None]
    mail_started_at: Mapped[datetime | None]  # the last try
    mail_tries: Mapped[int] = mapped_column(default=0)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    course: Mapped[Course | None] = relationship(lazy="joined")

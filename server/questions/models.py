"""Answers that are not handed in yet, as they were typed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, func, text
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Base


class AnswerDraft(Base):
    """One for each person and assignment. `version` grows with every change: whoever saves names the one he has seen."""

    __tablename__ = "answer_drafts"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    version: Mapped[int]
    answers: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # by question, as the form has them
    attachments: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # by question: name, sha256, size_bytes
    files_saved: Mapped[int] = mapped_column(server_default=text("0"))  # over all versions
    saved_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

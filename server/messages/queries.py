"""Reading one's messages."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.messages.models import PersonalMessage

PAGE = 50


def list_messages(session: Session, *, user_id: int, before: int | None = None, limit: int = PAGE) -> list[PersonalMessage]:
    """Newest first; from below an id on."""
    query = select(PersonalMessage).where(PersonalMessage.user_id == user_id)
    if before is not None:
        query = query.where(PersonalMessage.id < before)
    return list(session.scalars(query.order_by(PersonalMessage.id.desc()).limit(limit)))


def count_unread(session: Session, *, user_id: int) -> int:
    mine = PersonalMessage.user_id == user_id, PersonalMessage.read_at.is_(None)
    return session.scalar(select(func.count()).select_from(PersonalMessage).where(*mine)) or 0

"""Reading channels and what went through them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.channels.models import Channel, Delivery
from server.courses.models import Course
from server.errors import NotFound

NEWEST = 30


def get_channel(session: Session, *, course: Course, channel_id: int) -> Channel:
    mine = Channel.course_id == course.id, Channel.id == channel_id, Channel.removed_at.is_(None)
    found = session.scalar(select(Channel).where(*mine))
    if found is None:
        raise NotFound
    return found


def get_delivery(session: Session, *, course: Course, delivery_id: int) -> Delivery:
    query = select(Delivery).join(Channel).where(Channel.course_id == course.id, Delivery.id == delivery_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def list_deliveries(session: Session, *, course: Course, limit: int = NEWEST) -> list[Delivery]:
    """Newest first."""
    query = select(Delivery).join(Channel).where(Channel.course_id == course.id)
    return list(session.scalars(query.order_by(Delivery.id.desc()).limit(limit)))

"""Holding an `OwnChannel` or an `OwnDelivery` is the permission of the course's instructors to use it."""

from typing import Annotated

from fastapi import Depends

from server.channels import queries
from server.channels.models import Channel, Delivery
from server.courses.access import InstructorMembership
from server.database import SessionDep


def require_channel(channel_id: int, instructor: InstructorMembership, session: SessionDep) -> Channel:
    return queries.get_channel(session, course=instructor.course, channel_id=channel_id)


OwnChannel = Annotated[Channel, Depends(require_channel, scope="function")]


def require_delivery(delivery_id: int, instructor: InstructorMembership, session: SessionDep) -> Delivery:
    return queries.get_delivery(session, course=instructor.course, delivery_id=delivery_id)


OwnDelivery = Annotated[Delivery, Depends(require_delivery, scope="function")]

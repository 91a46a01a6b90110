"""From the outbox to the broker."""

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from server import broker
from server.outbox import Message
from server.submissions.models import Job, State
from server.submissions.service import GRADE


def hand_over(session: Session, message: Message) -> None:
    """Publish one message; a job it speaks of is from now on seen as queued."""
    broker.send(message.task, message.arguments, queue=message.queue)
    if message.task == GRADE:
        just_received = Job.id == message.arguments[0], Job.state == State.received
        session.execute(update(Job).where(*just_received).values(state=State.queued, sent_at=func.clock_timestamp()))

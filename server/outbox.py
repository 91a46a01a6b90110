"""Messages that leave with the commit: a row written in the transaction, handed to the broker after it.

A crash between commit and hand-over loses nothing: the row stays until somebody relays it.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from kombu.exceptions import OperationalError
from sqlalchemy import event, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.database import Base, session_factory

log = logging.getLogger(__name__)

HandOver = Callable[[Session, "Message"], None]


class Message(Base):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str]
    arguments: Mapped[list[Any]]
    queue: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


def run_after_commit(session: Session, task: str, *arguments: Any, queue: str) -> None:
    """Have a task run once this transaction is committed, and only then."""
    session.add(Message(task=task, arguments=list(arguments), queue=queue))
    session.info["has_messages"] = True


def relay(hand_over: HandOver, *, limit: int = 100) -> int:
    """Hand waiting messages to the broker; how many. Those whose sending fails stay for the next time."""
    with session_factory.begin() as session:
        waiting = select(Message).order_by(Message.id).limit(limit).with_for_update(skip_locked=True)
        messages = session.scalars(waiting).all()
        for message in messages:
            hand_over(session, message)
            session.delete(message)
    return len(messages)


class Relay:
    """A thread that relays as soon as a transaction of this process was committed, and every second anyway."""

    def __init__(self, hand_over: HandOver, *, every_s: float = 1.0) -> None:
        self.hand_over, self.every_s = hand_over, every_s
        self.wanted, self.stopped = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, name="outbox relay", daemon=True)

    def __enter__(self) -> "Relay":
        event.listen(session_factory, "after_commit", self.wake)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(session_factory, "after_commit", self.wake)
        self.stopped.set()
        self.wanted.set()
        self.thread.join()

    def wake(self, session: Session) -> None:
        if session.info.pop("has_messages", False):
            self.wanted.set()

    def run(self) -> None:
        while not self.stopped.is_set():
            self.wanted.wait(self.every_s)
            self.wanted.clear()
            self.relay_all()

    def relay_all(self) -> None:
        """Nothing that an engine does ends the thread: it tries again within a second."""
        try:
            while relay(self.hand_over):
                pass
        except (OperationalError, OSError) as error:
            log.warning("The broker does not answer, messages wait in the outbox: %s", error)
        except SQLAlchemyError as error:
            log.warning("The database does not answer, messages wait in the outbox: %s", error)
        except Exception:
            log.exception("Messages wait in the outbox")

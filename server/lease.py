"""A lease that is kept alive, and word of how far one is, by a thread: who works never waits for the database."""

import logging
import threading
from types import TracebackType

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from grader.protocol import Abandoned
from server.database import session_factory

log = logging.getLogger(__name__)

BEATS_PER_LEASE = 4


class LeaseLost(Abandoned):
    """Somebody else took this over; what we found out no longer counts. A judge that hears of it stops."""


class LeaseKeeper:
    """Renews several times in a lease, and soon after `news` was set, but never twice within `pause_s`.

    Subclasses say how one renews and whom one tells. Once the lease is gone, `check_held` raises for whoever works under it.
    """

    def __init__(self, name: str, *, lease_s: float, pause_s: float) -> None:
        self.name, self.lease_s, self.pause_s = name, lease_s, pause_s
        self.news, self.ended, self.lost = threading.Event(), threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, name=f"lease of {name}", daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.ended.set()
        self.news.set()
        self.thread.join()

    def renew(self, session: Session) -> None:
        """In a transaction of its own. Raises LeaseLost."""
        raise NotImplementedError

    def tell_others(self) -> None:
        """After it was renewed."""
        raise NotImplementedError

    def wait_s(self) -> float:
        """Until the next beat, without news."""
        return self.lease_s / BEATS_PER_LEASE

    def check_held(self) -> None:
        if self.lost.is_set():
            raise LeaseLost(f"{self.name} was taken over")

    def run(self) -> None:
        while not self.lost.is_set():
            self.news.wait(self.wait_s())
            if self.ended.is_set():
                return
            self.news.clear()
            self.beat()
            self.ended.wait(self.pause_s)

    def beat(self) -> None:
        """One write; a database that does not answer for a moment gets another chance at the next beat."""
        try:
            with session_factory.begin() as session:
                self.renew(session)
        except LeaseLost:
            self.lost.set()
        except OperationalError as error:
            log.warning("The lease of %s was not renewed, trying again: %s", self.name, error)
        else:
            self.tell_others()

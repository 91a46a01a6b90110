"""A thread of each web process: it shows that the platform is alive, and closes sittings whose time is over."""

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from server.database import current_time, session_factory
from server.exams import credits
from server.exams.handing_in import close_overdue
from server.settings import Settings

log = logging.getLogger(__name__)


class Heart:
    """Beats every few seconds. As it beats in the processes that answer students, a gap is one that they have felt."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.every_s = settings, settings.pulse_s
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, name="exams heart", daemon=True)

    def __enter__(self) -> "Heart":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.thread.join()

    def run(self) -> None:
        while not self.stopped.wait(self.every_s):
            self.beat()

    def beat(self) -> None:
        """Nothing that an engine does ends the thread: it tries again at the next beat."""
        try:
            with session_factory.begin() as session:
                credits.beat(session, current_time(session))
            close_overdue(settings=self.settings)
        except SQLAlchemyError as error:
            log.warning("The database does not answer, exams are closed later: %s", error)
        except Exception:
            log.exception("Exams are closed later")

"""Once a day: what has been kept long enough is erased."""

from server.broker import ERASE_CASES, celery
from server.cases.retention import erase_due
from server.database import current_time, session_factory


@celery.task(name=ERASE_CASES, ignore_result=True)
def erase_cases() -> list[int]:
    with session_factory.begin() as session:
        return erase_due(session, now=current_time(session))

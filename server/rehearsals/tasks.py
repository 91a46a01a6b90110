"""What nobody has ended: a terminal that was closed, a machine that was switched off."""

from server.broker import SWEEP_REHEARSALS, celery
from server.database import session_factory
from server.exams.models import Exam
from server.rehearsals import service


@celery.task(name=SWEEP_REHEARSALS, ignore_result=True)
def sweep() -> list[str]:
    """Each in a transaction of its own."""
    with session_factory() as session:
        overdue = service.list_overdue(session)
    for exam_id, id in overdue:
        with session_factory.begin() as session:
            service.end(session, exam=session.get_one(Exam, exam_id), id=id, by=None)
    return [id for _, id in overdue]

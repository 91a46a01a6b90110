"""Jobs of similarity: they take ids, look again, may run twice. None of them needs torch."""

import logging
from typing import Any

from grader.similarity.storage import OtherVersion
from server.broker import COMPARE, ERASE_COMPARISONS, MAINTENANCE, SIMILARITY_SWEEP, STAND, celery
from server.database import current_time, session_factory
from server.grading.hints import give_hint
from server.grading.tasks import redis_client
from server.lease import LeaseLost
from server.outbox import run_after_commit
from server.settings import get_settings
from server.similarity import claims, job, late_submissions, retention, schedule
from server.similarity.claims import Claim
from server.similarity.events import channel_of
from server.similarity.heartbeat import Heartbeat

log = logging.getLogger(__name__)

SENT_S = 60  # for so long a submission that was sent is not sent again


@celery.task(name=COMPARE, acks_late=True, ignore_result=True)
def compare_works(comparison_id: int) -> None:
    """Compare all works of an assignment. What is done, or somebody else's at the moment, is left alone."""
    settings = get_settings()
    with session_factory.begin() as session:
        claim = claims.claim(session, comparison_id=comparison_id, lease_s=settings.lease_s)
    if claim is None:
        return
    try:
        with Heartbeat(claim, lease_s=settings.lease_s, client=redis_client()) as heartbeat:
            job.make(claim, settings=settings, tell=heartbeat.tell)
    except LeaseLost as lost:
        log.warning("A comparison came too late and is dropped: %s", lost)
    except Exception as error:
        log.exception("Comparison %s could not be made", comparison_id)
        record_failure(claim, error)
    give_hint(redis_client(), channel_of(claim.assignment_id))


def record_failure(claim: Claim, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}".encode(errors="backslashreplace").decode().replace("\0", "\\x00")
    try:
        with session_factory.begin() as session:
            claims.record_failure(session, claim=claim, fault=reason[:2000])
    except LeaseLost as lost:
        log.warning("A failed comparison is somebody else's by now: %s", lost)


@celery.task(name=STAND, acks_late=True, ignore_result=True)
def add_submission(submission_id: int) -> None:
    """Hold one submission that came later against the comparison that stands."""
    try:
        late_submissions.add(submission_id, settings=get_settings())
    except (OtherVersion, FileNotFoundError) as error:
        log.warning("Submission %s waits for the next comparison of all: %s", submission_id, error)


@celery.task(name=SIMILARITY_SWEEP, ignore_result=True)
def sweep() -> dict[str, Any]:
    """Comparisons that a worker or the broker lost, those that a deadline asks for, and submissions that came later."""
    settings = get_settings()
    with session_factory.begin() as session:
        taken_over = claims.take_over_expired(session)
        sent_again = claims.send_again(session, older_than_s=settings.resend_after_s)
        asked_for = schedule.request_due(session)
        late = [id for id in schedule.late_submissions(session) if is_first(id)]
        for id in late:
            run_after_commit(session, STAND, id, queue=MAINTENANCE)
    return {"taken_over": taken_over, "sent_again": sent_again, "asked_for": asked_for, "late": len(late)}


def is_first(submission_id: int) -> bool:
    """Redis only remembers what it need not: forgotten, a message is sent twice."""
    return bool(redis_client().set(f"gradus:similarity:sent:{submission_id}", 1, nx=True, ex=SENT_S))


@celery.task(name=ERASE_COMPARISONS, ignore_result=True)
def erase_comparisons() -> list[int]:
    """Once a day: what has been kept long enough."""
    with session_factory.begin() as session:
        return retention.erase_due(session, now=current_time(session), settings=get_settings())

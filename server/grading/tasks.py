"""Jobs: take an id, look again, may run twice."""

import logging
from functools import lru_cache, partial
from typing import Any

import redis

from grader.protocol import Report, Whose
from grader.spec import BrokenAssignment
from server import outbox
from server.broker import OPEN_QUESTIONS, PREFLIGHT, SWEEP, celery
from server.database import session_factory
from server.grading import fleet, service
from server.grading.dispatch import hand_over
from server.grading.fleet import Place
from server.grading.heartbeat import Heartbeat
from server.grading.hints import board_channel_of, channel_of, give_hint
from server.grading.opening import judge_what_is_due
from server.grading.service import Claim
from server.lease import LeaseLost
from server.settings import get_settings
from server.submissions.models import Queue, Submission
from server.submissions.service import GRADE

log = logging.getLogger(__name__)


@celery.task(name=GRADE, acks_late=True, ignore_result=True)
def grade_submission(job_id: int) -> None:
    """Judge one submission. A job that is finished, or somebody else's at the moment, is left alone."""
    from server.grading import judging  # brings torch, which web and beat do without

    if not judging.wait_until_ready(get_settings()):
        return  # the sweeper sends it again
    gpus = judging.fleet_of(get_settings())
    with session_factory() as session:
        wish = fleet.wish_of(session, job_id=job_id, settings=get_settings(), has_gpus=bool(gpus.devices))
    with gpus.place(wish) as place:
        if not place.must_wait:  # else it is sent again when a GPU is free, and has not used a try
            claim_and_judge(job_id, place)


def claim_and_judge(job_id: int, place: Place) -> None:
    with session_factory.begin() as session:
        claim = service.claim(session, job_id=job_id, lease_s=get_settings().lease_s)
    if claim is None:
        return
    give_hint(redis_client(), channel_of(claim.submission_id))
    try:
        judge_and_record(claim, place)
    except LeaseLost as lost:
        log.warning("A verdict came too late and is dropped: %s", lost)
    give_hint(redis_client(), channel_of(claim.submission_id))


def judge_and_record(claim: Claim, place: Place) -> None:
    """Whatever goes wrong here is not the student's fault, so it becomes a failed try and never a score."""
    try:
        report = run(claim, place)
    except LeaseLost:
        raise
    except BrokenAssignment as error:
        record_failure(claim, error, Whose.assignment)
    except Exception as error:
        log.exception("Job %s could not be judged", claim.job_id)
        place.has_failed = True
        record_failure(claim, error, Whose.system)
    else:
        place.has_failed = report.fault is not None and report.fault.whose is Whose.system
        record(claim, report)


def run(claim: Claim, place: Place) -> Report:
    """Takes up to minutes: no transaction is open while the judge works."""
    from server.grading import judging  # brings torch, which web and beat do without

    settings = get_settings()
    with session_factory.begin() as session:
        submission = session.get_one(Submission, claim.submission_id)
        job, is_exam = judging.make_job(submission, settings), submission.is_from_exam
    with Heartbeat(claim, lease_s=settings.lease_s, client=redis_client()) as heartbeat:
        report = judging.run_judge(job, settings, progress=heartbeat.progress, device=place.device, is_exam=is_exam)
        judging.fleet_of(settings).vouch(place)
        return report


def record(claim: Claim, report: Report) -> None:
    """A report that the database refuses is a failed try at once: its student need not wait until the lease ends."""
    from server.grading.judging import versions_of

    try:
        with session_factory.begin() as session:
            folder = get_settings().assignments / report.assignment
            run = service.record_report(session, claim=claim, report=report, versions=versions_of(report, folder))
            board = board_channel_of(run.submission.assignment_id) if run else None
        if board is not None:
            give_hint(redis_client(), board)
    except LeaseLost:
        raise
    except Exception as error:
        log.exception("The report on job %s could not be recorded", claim.job_id)
        record_failure(claim, error, Whose.system)


def record_failure(claim: Claim, error: Exception, whose: Whose) -> None:
    from server.grading.judging import describe_fault

    with session_factory.begin() as session:
        service.record_failure(session, claim=claim, whose=whose, fault=describe_fault(error, whose))


@celery.task(name=SWEEP, ignore_result=True)
def sweep() -> dict[str, Any]:
    """What crashed workers and a forgetful broker left behind; then the outbox."""
    settings = get_settings()
    with session_factory.begin() as session:
        taken_over = service.take_over_expired(session)
        sent_again = {
            queue.value: service.send_again(
                session, queue=queue, older_than_s=settings.resend_after_s, in_broker=redis_client().llen(queue.value)
            )
            for queue in Queue
        }
    relayed = outbox.relay(hand_over)
    if taken_over or any(sent_again.values()):
        log.info("sweep: %s taken over, %s sent again, %s relayed", taken_over, sent_again, relayed)
    return {"taken_over": taken_over, "sent_again": sent_again, "relayed": relayed}


@celery.task(name=OPEN_QUESTIONS, ignore_result=True)
def open_questions() -> int:
    """What was left open until the close or the release; how many submissions are judged again."""
    with session_factory.begin() as session:
        count = judge_what_is_due(session, root=get_settings().assignments)
    if count:
        log.info("questions: %s submissions are judged again, now that it is time", count)
    return count


@celery.task(name=PREFLIGHT, ignore_result=True)
def check_walls() -> bool:
    """Every hour, on the sandboxes that this worker grades with. What is wrong is logged, and told at /metrics."""
    from server.grading import judging, preflight

    settings = get_settings()
    found = preflight.preflight(settings, partial(judging.sandbox_for, settings=settings))
    return preflight.tell(list(found), redis_client())


@lru_cache
def redis_client() -> redis.Redis:
    return redis.Redis.from_url(get_settings().redis_url, socket_timeout=3, socket_connect_timeout=3)

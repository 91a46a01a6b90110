"""Jobs of previews: take an id, look again, may run twice. They wait for whoever hands in."""

import logging

from grader.protocol import Progress, Report, Whose
from grader.spec import BrokenAssignment, UnknownAssignment
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.broker import PREVIEW, PREVIEWS_SWEEP, TELL_RERUN, celery
from server.database import session_factory
from server.grading.fleet import Place
from server.grading.hints import board_channel_of, channel_of, give_hint
from server.grading.tasks import redis_client
from server.lease import LeaseLost
from server.reruns import claims
from server.reruns.claims import Claim, Keeper
from server.reruns.models import Preview
from server.settings import get_settings
from server.submissions.models import Queue, Submission
from server.submissions.rules import queue_of

log = logging.getLogger(__name__)


@celery.task(name=PREVIEW, acks_late=True, ignore_result=True)
def judge_next(preview_id: int) -> None:
    """One submission of a preview; where somebody who hands in waits, none: the sweep sends it on."""
    from server.grading import judging  # brings torch, which web and beat do without

    settings = get_settings()
    if not judging.wait_until_ready(settings):
        return
    with session_factory.begin() as session:
        preview = session.get(Preview, preview_id)
        if preview is None or claims.must_yield(session, queue_for(preview.assignment)):
            return
        wish, queue = wish_of(preview.assignment), queue_for(preview.assignment)
    gpus = judging.fleet_of(settings)
    with gpus.place(wish if gpus.devices or wish == "cuda" else "cpu") as place:
        if place.must_wait:
            return
        with session_factory.begin() as session:
            claim = claims.claim(session, preview_id=preview_id, lease_s=settings.lease_s)
        if claim is not None:
            judge_and_record(claim, place, queue)


def wish_of(assignment: Assignment) -> str:
    """A broken assignment needs no device to be found broken."""
    try:
        return manifest_of(assignment, root=get_settings().assignments).device
    except (BrokenAssignment, UnknownAssignment):
        return "cpu"


def queue_for(assignment: Assignment) -> Queue:
    try:
        return queue_of(manifest_of(assignment, root=get_settings().assignments)).ordinary
    except (BrokenAssignment, UnknownAssignment):
        return Queue.cpu


def judge_and_record(claim: Claim, place: Place, queue: Queue) -> None:
    """Whatever goes wrong here is a failed try, and nobody's score."""
    try:
        report = run(claim, place)
    except LeaseLost as lost:
        log.warning("A preview came too late and is dropped: %s", lost)
        return
    except Exception as error:
        log.exception("Preview job %s could not be judged", claim.job_id)
        place.has_failed = not isinstance(error, BrokenAssignment)
        finish(claim, queue, error=error)
    else:
        place.has_failed = report.fault is not None and report.fault.whose is Whose.system
        finish(claim, queue, report=report)


def run(claim: Claim, place: Place) -> Report:
    """With the submission's own seed, so that nothing but the assignment and the grader differs."""
    from server.grading import judging

    settings = get_settings()
    with session_factory.begin() as session:
        submission = session.get_one(Submission, claim.submission_id)
        job, is_exam = judging.make_job(submission, settings), submission.is_from_exam
    with Keeper(claim, lease_s=settings.lease_s) as keeper:

        def stop_when_lost(_: Progress) -> None:
            keeper.check_held()

        report = judging.run_judge(job, settings, progress=stop_when_lost, device=place.device, is_exam=is_exam)
        judging.fleet_of(settings).vouch(place)
        return report


def finish(claim: Claim, queue: Queue, *, report: Report | None = None, error: Exception | None = None) -> None:
    from server.grading.judging import storable, versions_of

    try:
        with session_factory.begin() as session:
            if report is not None:
                folder = get_settings().assignments / report.assignment
                versions = versions_of(report, folder)
                claims.record_report(session, claim=claim, report=report, versions=versions)
            else:
                reason = storable(f"{type(error).__name__}: {error}")
                is_ours = not isinstance(error, BrokenAssignment)
                claims.record_failure(session, claim=claim, reason=reason, is_ours=is_ours)
            claims.go_on(session, preview_id=claim.preview_id, queue=queue)
    except LeaseLost as lost:
        log.warning("A preview came too late and is dropped: %s", lost)


@celery.task(name=PREVIEWS_SWEEP, ignore_result=True)
def sweep() -> int:
    with session_factory.begin() as session:
        return claims.sweep(session, queue_of=queue_for)


@celery.task(name=TELL_RERUN, ignore_result=True)
def tell(assignment_id: int, submission_ids: list[int]) -> None:
    """Open pages and boards look again after a rerun was published."""
    for submission_id in submission_ids:
        give_hint(redis_client(), channel_of(submission_id))
    give_hint(redis_client(), board_channel_of(assignment_id))

"""Jobs move by conditional updates: whoever holds the newest fence may write, everybody else is refused.

Redis may deliver a job twice, late or never; nothing here depends on it.
"""

from base64 import b64decode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.protocol import Measure, Measured, Progress, Report, Status, Text, Whose
from server.accounts.models import User
from server.grading import rules
from server.grading.models import Measurement, Run
from server.lease import LeaseLost
from server.outbox import run_after_commit
from server.submissions.models import Job, Queue, State, Submission
from server.submissions.service import GRADE, queue_job

WAITING = (State.received, State.queued)
ITEMS = {"measured": {"public": {"items"}, "private": {"items"}}}  # kept in a table of their own
CLOCK = func.clock_timestamp()
TAKEN = func.statement_timestamp()  # the same wherever it stands in a statement: a first try began when it began


@dataclass(frozen=True)
class Claim:
    """The right to judge one job until the lease ends. `fence` proves it."""

    job_id: int
    submission_id: int
    fence: int
    tries: int


def claim(session: Session, *, job_id: int, lease_s: float) -> Claim | None:
    """Take a waiting job; None if it is not waiting, or if its author has another one running beside it."""
    take = (
        update(Job)
        .where(Job.id == job_id, Job.state.in_(WAITING))
        .values(
            state=State.running, fence=Job.fence + 1, tries=Job.tries + 1, lease_until=CLOCK + timedelta(seconds=lease_s),
            first_started_at=func.coalesce(Job.first_started_at, TAKEN), started_at=TAKEN,
            checks_done=0, checks_total=0, score_so_far=0, marks=[], logged=[],
        )
        .returning(Job.id, Job.submission_id, Job.fence, Job.tries)
    )  # fmt: skip
    try:
        with session.begin_nested():
            row = session.execute(take).one_or_none()
    except IntegrityError:  # one running job per author, in exams and out of them, says an index; sent again when that one ends
        return None
    return Claim(*row) if row else None


def renew(session: Session, *, claim: Claim, lease_s: float, progress: Progress | None = None) -> None:
    """Keep the job a while longer, and say how far it is. May be lost in a crash of the database: it comes again soon."""
    session.execute(text("SET LOCAL synchronous_commit TO off"))
    write(session, claim, lease_until=CLOCK + timedelta(seconds=lease_s), **columns_of(progress))


def columns_of(progress: Progress | None) -> dict[str, Any]:
    if progress is None:
        return {}
    marks = [mark.model_dump(mode="json") for mark in progress.marks]
    logged = [each.model_dump(mode="json") for each in progress.logged]
    counts = {"checks_done": progress.done, "checks_total": progress.total, "score_so_far": progress.score}
    return {**counts, "marks": marks, "logged": logged}


def record_report(session: Session, *, claim: Claim, report: Report, versions: dict[str, Any]) -> Run | None:
    """Add the run and end the job. A fault that is not the student's adds no run."""
    if report.status is Status.system_fault or (report.fault and report.fault.whose is not Whose.student):
        whose = report.fault.whose if report.fault else Whose.system
        record_failure(session, claim=claim, whose=whose, fault=report.model_dump(mode="json", include={"fault", "environment"}))
        return None
    end = Progress(done=len(report.checks), total=len(report.checks), score=report.score, marks=report.marks())
    write(session, claim, state=State.graded, lease_until=None, finished_at=CLOCK, fault=None, **columns_of(end))
    whose = {"job_id": claim.job_id, "submission_id": claim.submission_id, "fence": claim.fence}
    run = add_run(session, **whose, report=report, versions=versions)
    send_next_of_author(session, job_id=claim.job_id)
    return run


def add_run(session: Session, *, job_id: int, submission_id: int, fence: int, report: Report, versions: dict[str, Any]) -> Run:
    """A verdict as the newest run of its submission, with what it has measured."""
    run = Run(
        job_id=job_id,
        submission_id=submission_id,
        number=next_number(session, submission_id=submission_id),
        status=report.status,
        score=report.score,
        max_score=report.max_score,
        report=report.model_dump(mode="json", exclude=ITEMS),
        seed=report.seed,
        fence=fence,
        versions=versions,
    )
    session.add(run)
    session.flush()
    if report.measured is not None:
        session.add(measurement_of(run, report.measured))
        session.flush()
    return run


def measurement_of(run: Run, measured: Measured) -> Measurement:
    halves = {"public": measured.public, "private": measured.private}
    values = {f"{half}{part}": value for half, measure in halves.items() for part, value in columns_of_measure(measure).items()}
    return Measurement(run_id=run.id, submission_id=run.submission_id, **values)


def columns_of_measure(measure: Measure) -> dict[str, Any]:
    items = b64decode(measure.items, validate=True)
    return {"": measure.value, "_low": measure.low, "_high": measure.high, "_items": items}


def record_failure(session: Session, *, claim: Claim, whose: Whose, fault: dict[str, Any]) -> None:
    """A try that gave no verdict: again after a pause, or a matter for the staff. Never a score."""
    again = rules.is_worth_retrying(whose, tries=claim.tries)
    if again:
        write(session, claim, state=State.queued, lease_until=None, sent_at=CLOCK, fault=fault)
    else:
        write(session, claim, state=State.needs_staff, lease_until=None, finished_at=CLOCK, fault=fault)
        give_attempt_back(session, submission_id=claim.submission_id)
    send_next_of_author(session, job_id=claim.job_id)


def write(session: Session, claim: Claim, **values: Any) -> None:
    """The only way in which a worker changes a job."""
    mine = Job.id == claim.job_id, Job.fence == claim.fence, Job.state == State.running
    if session.execute(update(Job).where(*mine).values(**values)).rowcount != 1:
        raise LeaseLost(f"job {claim.job_id} is no longer ours (fence {claim.fence})")


def next_number(session: Session, *, submission_id: int) -> int:
    return (session.scalar(select(func.max(Run.number)).where(Run.submission_id == submission_id)) or 0) + 1


def give_attempt_back(session: Session, *, submission_id: int) -> None:
    """Unless it has a run from before: that one counts, and so does its attempt."""
    has_run = select(Run.id).where(Run.submission_id == submission_id).exists()
    session.execute(update(Submission).where(Submission.id == submission_id, ~has_run).values(takes_attempt=False))


def send_next_of_author(session: Session, *, job_id: int) -> None:
    """Another job of the same person may have been turned away while this one ran."""
    ended = session.get_one(Job, job_id)
    beside = Job.author_id == ended.author_id, Job.queue.in_(ended.queue.beside)
    waiting = select(Job).where(*beside, Job.state == State.queued, Job.id != job_id)
    job = session.scalar(waiting.order_by(Job.id).limit(1))
    if job is not None:
        run_after_commit(session, GRADE, job.id, queue=job.queue)


def take_over_expired(session: Session) -> int:
    """Jobs whose worker fell silent wait again, or go to the staff after the last try; how many."""
    expired = select(Job).where(Job.state == State.running, Job.lease_until < CLOCK).with_for_update(skip_locked=True)
    jobs = session.scalars(expired).all()
    for job in jobs:
        release(session, job)
    return len(jobs)


def release(session: Session, job: Job) -> None:
    job.lease_until = None
    job.fault = job.fault or lost_worker()
    if job.tries >= rules.MAX_TRIES:
        job.state, job.finished_at = State.needs_staff, CLOCK
        give_attempt_back(session, submission_id=job.submission_id)
    else:
        job.state, job.sent_at = State.queued, CLOCK
        run_after_commit(session, GRADE, job.id, queue=job.queue)
    session.flush()


def lost_worker() -> dict[str, Any]:
    message = Text(en="The worker fell silent while judging.", zh="评测进程在评测过程中失去响应。")
    return {"fault": {"whose": Whose.system, "code": "worker_lost", "message": message.model_dump(), "line": None}}


def send_again(session: Session, *, queue: Queue, older_than_s: float, in_broker: int, limit: int = 100) -> int:
    """Send waiting jobs again whose message seems lost; how many. A message too many does no harm.

    in_broker: messages that the broker still holds. As long as it has one for each waiting job, nothing was lost.
    """
    waiting = Job.queue == queue, Job.state.in_(WAITING)
    if in_broker >= session.scalar(select(func.count()).select_from(Job).where(*waiting)):
        return 0
    old = func.coalesce(Job.sent_at, Job.created_at) < CLOCK - timedelta(seconds=older_than_s)
    query = select(Job).where(*waiting, old).order_by(Job.id).limit(limit).with_for_update(skip_locked=True)
    jobs = session.scalars(query).all()
    for job in jobs:
        job.state, job.sent_at = State.queued, CLOCK
        run_after_commit(session, GRADE, job.id, queue=job.queue)
    session.flush()
    return len(jobs)


def rerun(session: Session, *, submission: Submission, requested_by: User | None) -> Job:
    """Judge it once more with the same seed. Earlier runs stay; the newest finished one counts.

    Out of the exam lane: nobody's time runs while he waits for it.
    """
    if not submission.state.is_final:
        raise rules.StillWaiting
    return queue_job(session, submission=submission, queue=submission.job.queue.ordinary, requested_by=requested_by)


def cancel(session: Session, *, submission: Submission) -> None:
    """Take a waiting job out of the queue; an attempt that was never judged is given back."""
    waiting = Job.id == submission.job.id, Job.state.in_(WAITING)
    if session.execute(update(Job).where(*waiting).values(state=State.cancelled, finished_at=CLOCK)).rowcount != 1:
        raise rules.NotWaiting
    give_attempt_back(session, submission_id=submission.id)

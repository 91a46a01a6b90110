"""Jobs of previews move like those of submissions: by conditional updates, with a lease and a fence; but live ones go first."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from grader.protocol import Report, Status, Whose
from server.broker import PREVIEW
from server.grading.rules import MAX_TRIES
from server.lease import LeaseKeeper, LeaseLost
from server.outbox import run_after_commit
from server.reruns.models import Preview, PreviewJob, PreviewJobState, PreviewReport, PreviewState
from server.submissions.models import Job, Queue, State

CLOCK = func.clock_timestamp()
AT_ONCE = 4  # jobs of one preview that workers look at side by side
LIVE = (State.received, State.queued)


@dataclass(frozen=True)
class Claim:
    job_id: int
    preview_id: int
    submission_id: int
    fence: int
    tries: int


def must_yield(session: Session, queue: Queue) -> bool:
    """Whether somebody who hands in waits for a worker of this queue, in an exam or out of it."""
    return (
        session.scalar(select(Job.id).where(Job.queue.in_((queue.ordinary, queue.urgent)), Job.state.in_(LIVE)).limit(1))
        is not None
    )


def claim(session: Session, *, preview_id: int, lease_s: float) -> Claim | None:
    """The next waiting job of a preview that is not decided."""
    waiting = PreviewJob.preview_id == preview_id, PreviewJob.state == PreviewJobState.waiting
    is_open = select(Preview.id).where(Preview.id == preview_id, Preview.state == PreviewState.judging).exists()
    query = select(PreviewJob).where(*waiting, is_open).order_by(PreviewJob.id).limit(1)
    job = session.scalar(query.with_for_update(of=PreviewJob, skip_locked=True))
    if job is None:
        return None
    job.state, job.fence, job.tries = PreviewJobState.running, job.fence + 1, job.tries + 1
    job.lease_until = CLOCK + timedelta(seconds=lease_s)
    session.flush()
    return Claim(job.id, job.preview_id, job.submission_id, job.fence, job.tries)


def write(session: Session, claim: Claim, **values: Any) -> None:
    """The only way in which a worker changes such a job."""
    mine = PreviewJob.id == claim.job_id, PreviewJob.fence == claim.fence, PreviewJob.state == PreviewJobState.running
    if session.execute(update(PreviewJob).where(*mine).values(**values)).rowcount != 1:
        raise LeaseLost(f"preview job {claim.job_id} is no longer ours (fence {claim.fence})")


def record_report(session: Session, *, claim: Claim, report: Report, versions: dict[str, Any]) -> None:
    """Kept apart from runs. A fault that is not the student's is no verdict here either."""
    if report.status is Status.system_fault or (report.fault and report.fault.whose is not Whose.student):
        message = report.fault.message.en if report.fault else "no verdict"
        record_failure(session, claim=claim, reason=message, is_ours=report.fault is None or report.fault.whose is Whose.system)
        return
    write(session, claim, state=PreviewJobState.judged, lease_until=None, fault=None)
    whole = {"status": report.status, "score": report.score, "max_score": report.max_score, "versions": versions}
    session.add(PreviewReport(job_id=claim.job_id, report=report.model_dump(mode="json"), fence=claim.fence, **whole))
    session.flush()


def record_failure(session: Session, *, claim: Claim, reason: str, is_ours: bool) -> None:
    """Our own failures may pass; a broken assignment stays broken."""
    again = is_ours and claim.tries < MAX_TRIES
    state = PreviewJobState.waiting if again else PreviewJobState.failed
    write(session, claim, state=state, lease_until=None, fault=reason[:2000])


def go_on(session: Session, *, preview_id: int, queue: Queue) -> None:
    """Send word for the next one, if one waits."""
    waiting = PreviewJob.preview_id == preview_id, PreviewJob.state == PreviewJobState.waiting
    if session.scalar(select(PreviewJob.id).where(*waiting).limit(1)) is not None:
        run_after_commit(session, PREVIEW, preview_id, queue=queue)


def sweep(session: Session, *, queue_of: Any) -> int:
    """Take over what a worker left, and send previews on that stand still; how many were sent.

    queue_of: the queue of an assignment.
    """
    lost = PreviewJob.state == PreviewJobState.running, PreviewJob.lease_until < CLOCK
    for job in session.scalars(select(PreviewJob).where(*lost).with_for_update(of=PreviewJob, skip_locked=True)).all():
        job.lease_until = None
        job.state = PreviewJobState.failed if job.tries >= MAX_TRIES else PreviewJobState.waiting
        job.fault = "The worker fell silent while judging."
    session.flush()
    stand_still = standing_still()
    found = session.scalars(select(Preview).where(Preview.state == PreviewState.judging, *stand_still)).all()
    sent = 0
    for preview in found:
        queue = queue_of(preview.assignment)
        if not must_yield(session, queue):
            start(session, preview_id=preview.id, queue=queue)
            sent += 1
    return sent


def standing_still() -> tuple[Any, Any]:
    """Something waits, and nobody is at work."""
    waits = select(PreviewJob.id).where(PreviewJob.preview_id == Preview.id, PreviewJob.state == PreviewJobState.waiting)
    runs = select(PreviewJob.id).where(PreviewJob.preview_id == Preview.id, PreviewJob.state == PreviewJobState.running)
    return waits.exists(), ~runs.exists()


def start(session: Session, *, preview_id: int, queue: Queue) -> None:
    for _ in range(AT_ONCE):
        run_after_commit(session, PREVIEW, preview_id, queue=queue)


class Keeper(LeaseKeeper):
    """Keeps the lease while the judge works; how far it is nobody is told."""

    def __init__(self, claim: Claim, *, lease_s: float) -> None:
        super().__init__(f"preview job {claim.job_id}", lease_s=lease_s, pause_s=1.0)
        self.claim = claim

    def renew(self, session: Session) -> None:
        write(session, self.claim, lease_until=CLOCK + timedelta(seconds=self.lease_s))

    def tell_others(self) -> None:
        """Nobody listens."""

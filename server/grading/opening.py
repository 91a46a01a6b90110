"""Which submissions wait for questions that have become due. Looked for again and again, so nothing has to be remembered."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from grader.protocol import Feedback
from grader.spec import BrokenAssignment, Manifest, UnknownAssignment
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.database import current_time
from server.grading.models import Run
from server.questions.service import stage_of
from server.submissions.models import State, Submission
from server.submissions.service import queue_job

AT_ONCE = 100  # in one sweep


def judge_what_is_due(session: Session, *, root: Path) -> int:
    """Queue what was left open; how many. One that waits or runs already is left alone."""
    queued = 0
    for assignment, due in due_assignments(session, root=root):
        for submission in waiting_for(session, assignment=assignment, due=due, limit=AT_ONCE - queued):
            queue_job(session, submission=submission, queue=submission.job.queue.ordinary)
            queued += 1
    return queued


def due_assignments(session: Session, *, root: Path) -> Iterable[tuple[Assignment, list[str]]]:
    """With the ids of the questions that are no longer open."""
    now = current_time(session)
    for assignment in session.scalars(select(Assignment).where(Assignment.closes_at <= now)):
        manifest = find_manifest(assignment, root)
        late = [each for each in manifest.questions if each.feedback is not Feedback.at_once] if manifest else []
        if not late:
            continue
        stage = stage_of(session, assignment=assignment, now=now)
        if due := [each.id for each in late if each.feedback.is_due(stage)]:
            yield assignment, due


def find_manifest(assignment: Assignment, root: Path) -> Manifest | None:
    """None for a folder that is gone or broken: others must not wait for it."""
    try:
        return manifest_of(assignment, root=root)
    except (UnknownAssignment, BrokenAssignment):
        return None


def waiting_for(session: Session, *, assignment: Assignment, due: list[str], limit: int) -> list[Submission]:
    """Whose newest run has left one of these questions open."""
    later = aliased(Run)
    is_newest = ~select(later.id).where(later.submission_id == Run.submission_id, later.number > Run.number).exists()
    is_open = func.jsonb_exists_any(Run.report["open_questions"], due)
    query = (
        select(Submission)
        .join(Run, Run.submission_id == Submission.id)
        .where(Submission.assignment_id == assignment.id, is_newest, is_open)
        .order_by(Submission.id)
        .limit(limit)
    )
    return [each for each in session.scalars(query) if each.state is State.graded]

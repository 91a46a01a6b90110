"""Reading for the staff's list."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer, selectinload

from server.assignments.models import Assignment
from server.grading.models import Run
from server.submissions.models import Submission


def latest_by_author(session: Session, *, assignment: Assignment) -> dict[int, Submission]:
    """Everybody's newest attempt, with its state and score but without the report."""
    newest = select(func.max(Submission.id)).where(Submission.assignment_id == assignment.id).group_by(Submission.author_id)
    shown = selectinload(Submission.jobs), selectinload(Submission.runs).options(defer(Run.report, raiseload=True))
    found = session.scalars(select(Submission).where(Submission.id.in_(newest)).options(*shown))
    return {submission.author_id: submission for submission in found}

"""Reading for the staff's list, and for comparing an attempt with those before it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, defer, selectinload

from grader.protocol import Status
from server.assignments.models import Assignment
from server.grading.models import Run
from server.submissions.models import Submission


def latest_by_author(session: Session, *, assignment: Assignment) -> dict[int, Submission]:
    """Everybody's newest attempt, with its state and score but without the report."""
    newest = select(func.max(Submission.id)).where(Submission.assignment_id == assignment.id).group_by(Submission.author_id)
    shown = selectinload(Submission.jobs), selectinload(Submission.runs).options(defer(Run.report, raiseload=True))
    found = session.scalars(select(Submission).where(Submission.id.in_(newest)).options(*shown))
    return {submission.author_id: submission for submission in found}


def find_best_before(session: Session, *, submission: Submission) -> Run | None:
    """The author's best graded run among the attempts before this one, of equals the latest; its report is not loaded yet."""
    later = aliased(Run)
    has_later = select(later.id).where(later.submission_id == Run.submission_id, later.number > Run.number).exists()
    query = (
        select(Run)
        .join(Submission, Run.submission)
        .where(
            Submission.assignment_id == submission.assignment_id,
            Submission.author_id == submission.author_id,
            Submission.attempt < submission.attempt,
            Run.status == Status.graded,
            ~has_later,
        )
        .order_by(Run.score.desc(), Submission.attempt.desc())
        .limit(1)
    )
    return session.scalar(query)


def find_last_run(session: Session, *, submission_id: int) -> Run | None:
    """The newest graded run of a submission; its report is not loaded yet."""
    query = select(Run).where(Run.submission_id == submission_id, Run.status == Status.graded)
    return session.scalar(query.order_by(Run.number.desc()).limit(1))

"""Reading for the staff's list, and for comparing an attempt with those before it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, defer, selectinload

from grader.protocol import Status
from server.assignments.models import Assignment
from server.grading.models import Run
from server.submissions.models import Submission
from server.teams.queries import members_of


def latest_by_author(session: Session, *, assignment: Assignment) -> dict[int, Submission]:
    """Everybody's newest attempt, with its state and score but without the report."""
    newest = select(func.max(Submission.id)).where(Submission.assignment_id == assignment.id).group_by(Submission.author_id)
    shown = selectinload(Submission.jobs), selectinload(Submission.runs).options(defer(Run.report, raiseload=True))
    found = session.scalars(select(Submission).where(Submission.id.in_(newest)).options(*shown))
    return {submission.author_id: submission for submission in found}


def find_best_before(session: Session, *, submission: Submission) -> Run | None:
    """The best graded run before this one, by the author or who is in a team with him, of equals the latest.

    Its report is not loaded yet. Attempts are numbered for each author, so which came before is told by the id.
    """
    together = members_of(session, assignment=submission.assignment, user=submission.author)
    later = aliased(Run)
    has_later = select(later.id).where(later.submission_id == Run.submission_id, later.number > Run.number).exists()
    query = (
        select(Run)
        .join(Submission, Run.submission)
        .where(
            Submission.assignment_id == submission.assignment_id,
            Submission.author_id.in_(together),
            Submission.id < submission.id,
            Run.status == Status.graded,
            ~has_later,
        )
        .order_by(Run.score.desc(), Submission.id.desc())
        .limit(1)
    )
    return session.scalar(query)

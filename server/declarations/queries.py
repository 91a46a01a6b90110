"""Reading declarations: the newest of each submission, or all of one."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.declarations.models import Declaration
from server.submissions.models import Submission
from server.teams.queries import members_of


def newest_of(session: Session, submission_ids: Collection[int]) -> dict[int, Declaration]:
    """The ones that count, by submission; what was never declared is not among them."""
    newest = select(func.max(Declaration.id)).where(Declaration.submission_id.in_(submission_ids))
    found = session.scalars(select(Declaration).where(Declaration.id.in_(newest.group_by(Declaration.submission_id))))
    return {declaration.submission_id: declaration for declaration in found}


def history_of(session: Session, *, submission: Submission) -> list[Declaration]:
    """Newest first."""
    query = select(Declaration).where(Declaration.submission_id == submission.id).order_by(Declaration.id.desc())
    return list(session.scalars(query))


def count_of(session: Session, *, submission: Submission) -> int:
    return session.scalar(select(func.count()).where(Declaration.submission_id == submission.id)) or 0


def find_last(session: Session, *, assignment: Assignment, user: User) -> tuple[Declaration, Submission] | None:
    """What this person, or the team, has said last in this assignment, and of which submission."""
    together = members_of(session, assignment=assignment, user=user)
    query = (
        select(Declaration, Submission)
        .join(Submission, Submission.id == Declaration.submission_id)
        .where(Submission.assignment_id == assignment.id, Submission.author_id.in_(together))
        .order_by(Declaration.id.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None

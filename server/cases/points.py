"""Points beside what runs have reached: what a person has taken off or given. A student's, or one submission's."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cases.models import Party, PointChange
from server.courses.models import Course
from server.submissions.models import Submission


@dataclass(frozen=True)
class Change:
    """`case_id`: where the student can read why; None where he was not told of a case."""

    points: Decimal
    case_id: int | None


def changes_of(session: Session, *, assignment: Assignment, student_ids: Collection[int] | None = None) -> dict[int, Decimal]:
    """By student, of these or of all, below 0 where points were taken off; whose points were not changed is not in it."""
    total = func.sum(PointChange.points)
    of_students = PointChange.assignment_id == assignment.id, PointChange.submission_id.is_(None)
    query = select(PointChange.student_id, total.label("points")).where(*of_students)
    if student_ids is not None:
        query = query.where(PointChange.student_id.in_(student_ids))
    rows = session.execute(query.group_by(PointChange.student_id).having(total != 0))
    return {row.student_id: row.points for row in rows}


def own_changes(session: Session, *, course: Course, student: User) -> dict[int, Change]:
    """One student's, by assignment."""
    total, told = func.sum(PointChange.points), func.max(PointChange.case_id).filter(Party.told_at.is_not(None))
    query = (
        select(PointChange.assignment_id, total, told)
        .join(Assignment, Assignment.id == PointChange.assignment_id)
        .outerjoin(Party, (Party.case_id == PointChange.case_id) & (Party.student_id == PointChange.student_id))
        .where(Assignment.course_id == course.id, PointChange.student_id == student.id, PointChange.submission_id.is_(None))
    )
    rows = session.execute(query.group_by(PointChange.assignment_id).having(total != 0))
    return {assignment_id: Change(points, case_id) for assignment_id, points, case_id in rows}


def change_by_case(session: Session, *, party: Party) -> Decimal:
    """What a case has changed of this student's points so far."""
    theirs = PointChange.case_id == party.case_id, PointChange.student_id == party.student_id
    return session.scalar(select(func.coalesce(func.sum(PointChange.points), Decimal(0))).where(*theirs))


def change_submission(
    session: Session, *, submission: Submission, points: Decimal, actor: User, now: datetime, details: dict[str, Any]
) -> None:
    """Of one attempt, so that it counts only where that does, and for a whole team."""
    whose = {"assignment_id": submission.assignment_id, "student_id": submission.author_id, "submission_id": submission.id}
    session.add(PointChange(**whose, points=points, actor_id=actor.id, at=now, details=details))
    session.flush()


def changes_by_submission(
    session: Session, *, submission_ids: Collection[int] | None = None, course: Course | None = None
) -> dict[int, Decimal]:
    """Of these attempts, or of all in a course; whose points were not changed is not in it."""
    total = func.sum(PointChange.points)
    query = select(PointChange.submission_id, total).where(PointChange.submission_id.is_not(None))
    if submission_ids is not None:
        query = query.where(PointChange.submission_id.in_(submission_ids))
    if course is not None:
        query = query.join(Assignment, Assignment.id == PointChange.assignment_id).where(Assignment.course_id == course.id)
    return dict(session.execute(query.group_by(PointChange.submission_id).having(total != 0)).all())


def changed(score: Decimal | None, change: Decimal | None) -> Decimal | None:
    """A score with its change; never below 0."""
    return score if score is None or change is None else max(Decimal(0), score + change)

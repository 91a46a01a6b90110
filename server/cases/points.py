"""Points beside what runs have reached: what a person has taken off or given back."""

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cases.models import Case, Party, PointChange
from server.courses.models import Course


def changes_of(session: Session, *, assignment: Assignment, student_ids: Collection[int]) -> dict[int, Decimal]:
    """By student, 0 or below for those whose points were changed; nobody else is in it."""
    total = func.sum(PointChange.points)
    query = select(PointChange.student_id, total).where(
        PointChange.assignment_id == assignment.id, PointChange.student_id.in_(student_ids)
    )
    rows = session.execute(query.group_by(PointChange.student_id).having(total != 0))
    return {student_id: points for student_id, points in rows}


def changes_in_course(session: Session, *, course: Course, student: User) -> dict[int, Decimal]:
    """One student's, by assignment."""
    total = func.sum(PointChange.points)
    query = (
        select(PointChange.assignment_id, total)
        .join(Assignment, Assignment.id == PointChange.assignment_id)
        .where(Assignment.course_id == course.id, PointChange.student_id == student.id)
    )
    rows = session.execute(query.group_by(PointChange.assignment_id).having(total != 0))
    return {assignment_id: points for assignment_id, points in rows}


def change_by_case(session: Session, *, party: Party) -> Decimal:
    """What a case has changed of this student's points so far."""
    theirs = PointChange.case_id == party.case_id, PointChange.student_id == party.student_id
    return session.scalar(select(func.coalesce(func.sum(PointChange.points), Decimal(0))).where(*theirs))


def cases_with_points(session: Session, *, course: Course, student: User) -> dict[int, int]:
    """By assignment, the case that has changed this student's points and of which he was told."""
    query = (
        select(Case.assignment_id, func.max(Case.id))
        .join(Party, Party.case_id == Case.id)
        .join(PointChange, (PointChange.case_id == Case.id) & (PointChange.student_id == Party.student_id))
        .join(Assignment, Assignment.id == Case.assignment_id)
        .where(Assignment.course_id == course.id, Party.student_id == student.id, Party.told_at.is_not(None))
    )
    return {assignment_id: case_id for assignment_id, case_id in session.execute(query.group_by(Case.assignment_id))}


def changed(score: Decimal | None, change: Decimal | None) -> Decimal | None:
    """A score with its change; never below 0."""
    return score if score is None or change is None else max(Decimal(0), score + change)

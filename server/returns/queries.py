"""What was returned in a course, to whom, and at which price."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course, Enrollment, Role
from server.courses.service import is_active_student
from server.returns.models import Return, ReturnPolicy
from server.returns.rules import DEFAULT, Policy
from server.submissions.models import Submission
from server.teams.queries import members_of, stand_together


def list_returns(session: Session, *, course: Course) -> list[Return]:
    """Those that hold, the oldest first."""
    of_course = Assignment.course_id == course.id, Return.taken_back_at.is_(None)
    return list(session.scalars(select(Return).join(Return.assignment).where(*of_course).order_by(Return.id)))


def find_open(session: Session, *, assignment: Assignment, user: User, now: datetime) -> Return | None:
    """What this person, or the team, may still fix."""
    together = members_of(session, assignment=assignment, user=user)
    theirs = Return.assignment_id == assignment.id, Submission.author_id.in_(together)
    waits = Return.taken_back_at.is_(None), Return.fix_id.is_(None), Return.until > now
    query = select(Return).join(Submission, Submission.id == Return.submission_id).where(*theirs, *waits)
    return session.scalar(query.order_by(Return.id).limit(1))


def list_open_of(session: Session, *, course: Course, student: User, now: datetime) -> list[Return]:
    """All that this student, or a team of his, may still fix; what ends first in front."""
    waits = Return.taken_back_at.is_(None), Return.fix_id.is_(None), Return.until > now
    theirs = or_(Submission.author_id == student.id, stand_together(Return.assignment_id, Submission.author_id, student))
    return list(session.scalars(_with_authors(course).where(*waits, theirs).order_by(Return.until)))


def list_about(session: Session, *, submission: Submission) -> list[Return]:
    """Of this submission, or fixed by it; the oldest first, also what was taken back."""
    about = or_(Return.submission_id == submission.id, Return.fix_id == submission.id)
    shown = joinedload(Return.submission), joinedload(Return.fix)
    return list(session.scalars(select(Return).where(about).options(*shown).order_by(Return.id)))


def find_standing(session: Session, *, submission: Submission) -> Return | None:
    """The return of it that holds."""
    holds = Return.submission_id == submission.id, Return.taken_back_at.is_(None)
    return session.scalar(select(Return).where(*holds))


def list_for_staff(session: Session, *, course: Course, only_open: bool, now: datetime, limit: int = 500) -> list[Return]:
    """What waits first, by the end of its time; whose author has left the course waits no more."""
    query = _with_authors(course)
    if only_open:
        query = query.where(Return.taken_back_at.is_(None), Return.fix_id.is_(None), Return.until > now)
        here = (Enrollment.user_id == Submission.author_id) & (Enrollment.course_id == course.id)
        query = query.join(Enrollment, here).where(or_(is_active_student(), Enrollment.role != Role.student))
    return list(session.scalars(query.order_by(Return.until if only_open else Return.id.desc()).limit(limit)))


def _with_authors(course: Course) -> Select:
    return (
        select(Return)
        .join(Return.submission)
        .join(Assignment, Assignment.id == Return.assignment_id)
        .where(Assignment.course_id == course.id)
        .options(contains_eager(Return.submission), joinedload(Return.fix))
    )


def find_policy(session: Session, *, course: Course, assignment: Assignment | None = None) -> ReturnPolicy | None:
    """Of the course, or what is set for the assignment in its place."""
    of = ReturnPolicy.assignment_id == assignment.id if assignment else ReturnPolicy.assignment_id.is_(None)
    return session.scalar(select(ReturnPolicy).where(ReturnPolicy.course_id == course.id, of))


def policy_of(session: Session, *, assignment: Assignment) -> Policy:
    """The assignment's own, else the course's, else ours."""
    rows = policies_of(session, course=assignment.course)
    row = rows.get(assignment.id) or rows.get(None)
    return Policy(row.percent, row.days) if row else DEFAULT


def policies_of(session: Session, *, course: Course) -> Mapping[int | None, ReturnPolicy]:
    """By assignment; of the course under None."""
    rows: Sequence[ReturnPolicy] = session.scalars(select(ReturnPolicy).where(ReturnPolicy.course_id == course.id)).all()
    return {each.assignment_id: each for each in rows}

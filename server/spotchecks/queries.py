"""Reading spot checks: of one assignment, and who was drawn how often in a course."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload, undefer

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course, Enrollment, Role, Section, Standing
from server.courses.service import is_active_student
from server.errors import NotFound
from server.spotchecks.models import Draw, SpotCheck
from server.submissions.models import Submission


def list_checks(session: Session, *, assignment: Assignment) -> list[SpotCheck]:
    """Newest first, each with its draws."""
    query = select(SpotCheck).where(SpotCheck.assignment_id == assignment.id).order_by(SpotCheck.id.desc())
    return list(session.scalars(query.options(selectinload(SpotCheck.draws), undefer(SpotCheck.pool))))


def get_check(session: Session, *, assignment: Assignment, check_id: int) -> SpotCheck:
    query = select(SpotCheck).where(SpotCheck.assignment_id == assignment.id, SpotCheck.id == check_id)
    found = session.scalar(query.options(selectinload(SpotCheck.draws), undefer(SpotCheck.pool)))
    if found is None:
        raise NotFound
    return found


def get_draw(session: Session, *, assignment: Assignment, draw_id: int) -> Draw:
    query = select(Draw).join(SpotCheck).where(SpotCheck.assignment_id == assignment.id, Draw.id == draw_id)
    found = session.scalar(query.options(selectinload(Draw.submission)))
    if found is None:
        raise NotFound
    return found


def times_drawn(session: Session, *, course: Course, before: int | None = None) -> Mapping[int, int]:
    """By the students' ids, over all assignments of the course; up to a spot check, without it."""
    query = (
        select(Draw.student_id, func.count())
        .join(SpotCheck, SpotCheck.id == Draw.spot_check_id)
        .join(Assignment, Assignment.id == SpotCheck.assignment_id)
        .where(Assignment.course_id == course.id)
        .group_by(Draw.student_id)
    )
    if before is not None:
        query = query.where(SpotCheck.id < before)
    return dict(session.execute(query).all())


def logins_drawn(session: Session, *, course: Course, before: int) -> Mapping[str, int]:
    """As `times_drawn`, by login."""
    times = times_drawn(session, course=course, before=before)
    logins = session.execute(select(User.id, User.login).where(User.id.in_(times)))
    return {login: times[student] for student, login in logins}


def list_students(session: Session, *, course: Course) -> list[tuple[User, Section | None]]:
    """Who is in the course now; whoever withdrew is not."""
    query = (
        select(Enrollment, Section)
        .outerjoin(Section, Section.id == Enrollment.section_id)
        .join(User, Enrollment.user)
        .where(Enrollment.course_id == course.id, is_active_student())
        .order_by(User.login)
    )
    return [(enrollment.user, section) for enrollment, section in session.execute(query)]


def list_staff(session: Session, *, course: Course) -> list[User]:
    query = (
        select(User)
        .join(Enrollment, Enrollment.user_id == User.id)
        .where(Enrollment.course_id == course.id, Enrollment.role != Role.student, Enrollment.standing == Standing.active)
        .order_by(User.login)
    )
    return list(session.scalars(query))


def count_since(session: Session, *, draw: Draw) -> int:
    """How often the student has handed in after the draw."""
    later = Submission.author_id == draw.student_id, Submission.received_at > draw.spot_check.drawn_at
    query = select(func.count()).select_from(Submission)
    return session.scalar(query.where(Submission.assignment_id == draw.spot_check.assignment_id, *later)) or 0

"""Courses and who is in them."""

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import Session, contains_eager

from server.accounts.models import User
from server.courses.models import Course, Enrollment, Role, Section, Standing

# Asked by most requests, so it is put together once.
ENROLLMENT = (
    select(Enrollment)
    .join(Course, Enrollment.course)
    .options(contains_eager(Enrollment.course))
    .where(Course.slug == bindparam("slug"), Enrollment.user_id == bindparam("user_id"))
)


def create_course(session: Session, *, slug: str, title_en: str, title_zh: str, time_zone: str = "Asia/Shanghai") -> Course:
    course = Course(slug=slug, title_en=title_en, title_zh=title_zh, time_zone=time_zone)
    session.add(course)
    session.flush()
    return course


def enroll(session: Session, *, course: Course, user: User, role: Role, section: Section | None = None) -> Enrollment:
    """Put a person into the course; doing it again changes the role."""
    enrollment = find_enrollment(session, course_slug=course.slug, user=user)
    if enrollment is None:
        enrollment = Enrollment(course=course, user=user)
        session.add(enrollment)
    enrollment.role, enrollment.section = role, section
    enrollment.standing, enrollment.withdrawn_at, enrollment.withdrawn_by_id = Standing.active, None, None
    course.roster_version = Course.roster_version + 1
    session.flush()
    return enrollment


def find_enrollment(session: Session, *, course_slug: str, user: User) -> Enrollment | None:
    """Also of a person who has withdrawn."""
    return session.scalar(ENROLLMENT, {"slug": course_slug, "user_id": user.id})


def list_enrollments(session: Session, *, user: User) -> list[Enrollment]:
    """A person's courses, each with the role; a student's also after he has withdrawn, because his work is there."""
    query = select(Enrollment).join(Course, Enrollment.course).where(Enrollment.user_id == user.id, opens_course())
    return list(session.scalars(query.order_by(Course.slug)))


def opens_course() -> ColumnElement[bool]:
    """Whether an enrollment lets its person look into the course: staff who have left see nothing of it any more."""
    return or_(Enrollment.standing == Standing.active, Enrollment.role == Role.student)


def is_active_student() -> ColumnElement[bool]:
    """Of an enrollment: who stands on boards, is drawn, counted and invited."""
    return and_(Enrollment.role == Role.student, Enrollment.standing == Standing.active)


def list_people(session: Session, *, course: Course) -> list[Enrollment]:
    """Who is in the course now; whoever has withdrawn stands on the roster alone."""
    here = Enrollment.course_id == course.id, Enrollment.standing == Standing.active
    return list(session.scalars(select(Enrollment).join(User, Enrollment.user).where(*here).order_by(User.login)))

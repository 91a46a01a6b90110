"""Courses and who is in them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.models import Course, Enrollment, Role, Section


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
    session.flush()
    return enrollment


def find_enrollment(session: Session, *, course_slug: str, user: User) -> Enrollment | None:
    query = select(Enrollment).join(Course, Enrollment.course).where(Course.slug == course_slug, Enrollment.user_id == user.id)
    return session.scalar(query)


def list_enrollments(session: Session, *, user: User) -> list[Enrollment]:
    """A person's courses, each with the role."""
    query = select(Enrollment).join(Course, Enrollment.course).where(Enrollment.user_id == user.id).order_by(Course.slug)
    return list(session.scalars(query))


def list_people(session: Session, *, course: Course) -> list[Enrollment]:
    query = select(Enrollment).join(User, Enrollment.user).where(Enrollment.course_id == course.id).order_by(User.login)
    return list(session.scalars(query))

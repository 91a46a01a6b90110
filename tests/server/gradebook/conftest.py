"""A course with a gradebook: staff, students, one homework, roll calls."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses import service as courses
from server.courses.models import Course, Enrollment, Role
from server.database import current_time
from server.gradebook import setup
from server.gradebook.book import Book, book_of
from server.gradebook.scheme import Scheme
from server.leaderboard.boards import Boards
from server.settings import Settings

PATH = "/api/v1/courses/dl-2026/gradebook"


@pytest.fixture
def ines(make_member: Callable[..., User]) -> User:
    return make_member("ines", Role.instructor)


@pytest.fixture
def students(make_member: Callable[..., User]) -> dict[str, User]:
    return {login: make_member(login) for login in ("ada", "bob", "cleo")}


@pytest.fixture
def set_up(session: Session, course: Course, assignment: Assignment, ines: User, settings: Settings) -> Callable[..., Scheme]:
    """Put in force what is proposed, or that as `change` makes it."""

    def set_up(change: Callable[[Scheme], Scheme] = lambda scheme: scheme) -> Scheme:
        offered, version = setup.offered(session, course=course, root=settings.assignments)
        now = setup.set_up(session, course=course, wanted=change(offered), by=ines, version=version)
        session.commit()
        return now

    return set_up


@pytest.fixture
def boards() -> Boards:
    return Boards(fresh_s=0, key=b"pseudonyms")


@pytest.fixture
def open_book(session: Session, course: Course, settings: Settings, boards: Boards, ines: User) -> Callable[..., Book]:
    def open_book(reader: User | None = None, **which: object) -> Book:
        session.expire_all()
        member: Enrollment = courses.find_enrollment(session, course_slug=course.slug, user=reader or ines)
        places = {"boards": boards, "root": settings.assignments, "now": current_time(session)}
        return book_of(session, course=member.course, reader=member, **places, **which)

    return open_book


@pytest.fixture
def close(session: Session) -> Callable[[Assignment], None]:
    """Let its dates be over."""

    def close(assignment: Assignment) -> None:
        found = session.get_one(Assignment, assignment.id)
        for name in ("opens_at", "due_at", "closes_at"):
            setattr(found, name, getattr(found, name) - timedelta(days=30))
        session.commit()

    return close

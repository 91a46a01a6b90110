"""A course with two sections, and somebody who reads."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.models import Course, Enrollment, Role, Section

LOGINS = ("ada", "bob", "cleo", "dan", "eve")


@pytest.fixture
def students(make_member: Callable[..., User], session: Session, course: Course) -> dict[str, User]:
    """Five, two of them in a section of their own."""
    people = {login: make_member(login) for login in LOGINS}
    section = Section(course_id=course.id, name="Evening")
    session.add(section)
    session.flush()
    for enrollment in session.scalars(select(Enrollment).where(Enrollment.user_id.in_([people["dan"].id, people["eve"].id]))):
        enrollment.section = section
    session.commit()
    return people


@pytest.fixture
def tia(client_as: Callable[[User], TestClient], make_member: Callable[..., User]) -> TestClient:
    return client_as(make_member("tia", Role.ta))

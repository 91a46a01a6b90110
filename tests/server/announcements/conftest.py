"""Somebody who announces, and a section."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.announcements import service
from server.announcements.models import Announcement
from server.courses.models import Course, Role, Section
from server.database import current_time


@pytest.fixture
def tia(make_member: Callable[..., User]) -> User:
    return make_member("tia", Role.ta)


@pytest.fixture
def evening(session: Session, course: Course) -> Section:
    section = Section(course_id=course.id, name="Evening")
    session.add(section)
    session.commit()
    return section


@pytest.fixture
def announce(session: Session, course: Course, tia: User) -> Callable[..., Announcement]:
    def announce(title: str = "Week 2", **fields: object) -> Announcement:
        known = {"course": course, "by": tia, "text": "Read $x^2$.", "now": current_time(session)}
        made = service.publish(session, **(known | fields), title=title)
        session.commit()
        return made

    return announce

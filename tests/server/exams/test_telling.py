"""Students are told when an exam is held: when it is set up, and when it moves for them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course, Role, Section
from server.courses.service import find_enrollment
from server.exams import telling
from server.exams.models import Exam
from server.exams.rules import Window
from server.messages.models import Kind, PersonalMessage
from server.messages.views import words_of
from server.settings import Settings
from tests.server.exams.conftest import COURSE, Tab
from tests.server.exams.test_setup import in_hours, put

NOON = datetime(2026, 6, 22, 12, tzinfo=UTC)
EXAM = Window(NOON, NOON + timedelta(hours=2))
LATER = Window(NOON + timedelta(days=1), NOON + timedelta(days=1, hours=2))


@pytest.fixture
def teacher(client_as: Callable[[User], TestClient], make_member: Callable[..., User]) -> TestClient:
    return client_as(make_member("ines", Role.instructor))


@pytest.fixture
def section(session: Session, course: Course, make_member: Callable[..., User]) -> Section:
    """A1, of eve alone."""
    section = Section(course_id=course.id, name="A1")
    session.add(section)
    session.flush()
    find_enrollment(session, course_slug=course.slug, user=make_member("eve")).section = section
    session.commit()
    return section


@pytest.fixture
def told(session: Session) -> Callable[[], list[tuple[str, str]]]:
    """Who was told what since it was last asked."""

    def told() -> list[tuple[str, str]]:
        found = [(each.user.login, each.kind.value) for each in session.scalars(select(PersonalMessage))]
        session.execute(delete(PersonalMessage))
        session.commit()
        return sorted(found)

    return told


@pytest.mark.parametrize(
    ("before", "after", "now", "kind"),
    [
        (None, EXAM, NOON - timedelta(days=3), Kind.exam_set),
        (EXAM, LATER, NOON, Kind.exam_moved),
        (EXAM, EXAM, NOON, None),
        (LATER, EXAM, EXAM.closes_at, None),
    ],
)
def test_only_what_moved_and_still_comes_is_said(before: Window | None, after: Window, now: datetime, kind: Kind | None) -> None:
    found = telling.facts_of_move(before, after, now)
    assert (found[0] if found else None) is kind


def test_each_student_hears_of_the_own_window_alone(
    make_assignment: Callable[..., Assignment],
    teacher: TestClient,
    session: Session,
    student: User,
    section: Section,
    told: Callable,
) -> None:
    make_assignment(slug="mixed")
    usual = {"opens_at": in_hours(session, 24), "closes_at": in_hours(session, 26)}
    assert put(teacher, minutes=60, **usual).status_code == 200
    assert told() == [("ada", "exam_set"), ("eve", "exam_set")]
    assert put(teacher, minutes=90).status_code == 200
    assert put(teacher, **usual).status_code == 200
    assert told() == []
    own = [{"section": "A1", "opens_at": in_hours(session, 48), "closes_at": in_hours(session, 50)}]
    assert put(teacher, windows=own).status_code == 200
    assert told() == [("eve", "exam_moved")]
    assert put(teacher, opens_at=in_hours(session, 30), closes_at=in_hours(session, 32)).status_code == 200
    assert told() == [("ada", "exam_moved")]


def test_practice_that_is_new_and_a_hidden_assignment_are_said_to_nobody(
    make_assignment: Callable[..., Assignment], teacher: TestClient, session: Session, student: User, told: Callable
) -> None:
    assignment = make_assignment(slug="mixed")
    assert put(teacher, is_practice=True, confirm=True, opens_at=in_hours(session, 1), closes_at=in_hours(session, 9)).json()
    assert told() == []
    assert put(teacher, is_practice=False).status_code == 200
    assert told() == [("ada", "exam_set")]
    assignment.visible = False
    session.commit()
    assert put(teacher, closes_at=in_hours(session, 10)).status_code == 200
    assert told() == []


def test_who_has_begun_is_told_in_the_room_alone(
    exam: Exam, tab: Callable[..., Tab], teacher: TestClient, session: Session, make_member: Callable[..., User], told: Callable
) -> None:
    make_member("eve")
    tab().start()
    assert put(teacher, closes_at=in_hours(session, 5), moves_running=True).status_code == 200
    assert told() == [("eve", "exam_moved")]


def test_old_and_new_time_are_said_in_the_courses_zone(
    make_exam: Callable[..., Exam], course: Course, student: User, session: Session, settings: Settings
) -> None:
    exam = make_exam(opens_in_s=86_400, closes_in_s=93_600)
    sent = telling.tell_windows(session, exam, before=lambda _: EXAM, after=lambda _: LATER, now=NOON)
    message = session.scalars(select(PersonalMessage)).one()
    assert (sent, course.time_zone, message.link) == (["ada"], "Asia/Shanghai", f"/courses/{COURSE}/exams/mixed")
    said = words_of(message, language="en", root=settings.assignments, now=NOON).sentence
    assert said == (
        "For you it opens Tue 23 Jun 20:00 and closes Tue 23 Jun 22:00 now. "
        "Before, that was Mon 22 Jun 20:00 and Mon 22 Jun 22:00."
    )
    said = words_of(message, language="zh_CN", root=settings.assignments, now=NOON).sentence
    assert "6月23日" in said and "6月22日" in said

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.accounts.credentials import password_matches
from server.assignments.models import Assignment
from server.cli.exits import Problem
from server.cli.platform import alone_in
from server.courses.models import Course, Enrollment
from server.database import connect, current_time, session_factory
from server.demo import cast
from server.demo.seed import seed
from server.demo.stage import PASSWORD, demo_settings, forget, new_password, remember
from server.exams.models import Exam, TimeGrant
from server.settings import Settings, get_settings

ASSIGNMENTS = Path(__file__).parent.parent.parent / "assignments"


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """Everything is rolled back afterwards."""
    connect(database_url)
    with session_factory() as session:
        yield session


def test_the_demo_never_touches_the_configured_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADUS_DATABASE_URL", "postgresql://production/gradus")
    monkeypatch.setenv("GRADUS_DATA", str(tmp_path))
    get_settings.cache_clear()
    settings = demo_settings()
    get_settings.cache_clear()
    assert (settings.database_url, settings.redis_url, settings.data) == (None, None, tmp_path / "demo")


def test_the_password_is_random_kept_and_private(tmp_path: Path) -> None:
    first = remember(tmp_path / PASSWORD, new_password)
    assert remember(tmp_path / PASSWORD, new_password) == first != new_password()
    assert stat.S_IMODE((tmp_path / PASSWORD).stat().st_mode) == 0o600


def test_seeding_twice_leaves_one_course_and_everybody_in_it_once(session: Session) -> None:
    for _ in range(2):
        seed(session, password="a password", root=ASSIGNMENTS)
    course = session.scalars(select(Course).where(Course.slug == cast.COURSE)).one()
    people = session.scalars(select(Enrollment).where(Enrollment.course_id == course.id)).all()
    assert sorted(enrollment.user.login for enrollment in people) == sorted(person.login for person in cast.PEOPLE)
    assert password_matches("a password", accounts.find_user(session, login="amara").password_hash)


def test_all_assignments_are_open_whenever_the_demo_starts_and_due_one_after_the_other(session: Session) -> None:
    seed(session, password="a password", root=ASSIGNMENTS)
    listed, now = session.scalars(select(Assignment).order_by(Assignment.due_at)).all(), current_time(session)
    found = [assignment for assignment in listed if not assignment.is_exam]
    weekly = [assignment for assignment in found if assignment.slug != "questions-cnn"]  # that one is due with cnn
    assert [assignment.slug for assignment in weekly] == ["mlp", "cnn", "rnn", "attention", "gan", "final-digits", "final-names"]
    assert all(assignment.opens_at < now < assignment.due_at < assignment.closes_at for assignment in found)
    assert len({assignment.due_at for assignment in weekly}) == len({assignment.due_at for assignment in found}) == len(weekly)


def test_one_exam_is_there_to_practise_and_one_to_come(session: Session) -> None:
    for _ in range(2):
        seed(session, password="a password", root=ASSIGNMENTS)
    exams, now = {each.assignment.slug: each for each in session.scalars(select(Exam))}, current_time(session)
    practice, midterm = exams["exam-practice"], exams["exam-midterm"]
    assert practice.is_practice and practice.assignment.opens_at < now < practice.assignment.closes_at
    assert not midterm.is_practice and midterm.assignment.opens_at > now
    assert [each.seconds for each in session.scalars(select(TimeGrant))] == [1200]


def test_fresh_forgets_everything_unless_a_demo_is_running(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "demo")
    settings.data.mkdir()
    (settings.data / PASSWORD).write_text("old")
    with alone_in(settings.data), pytest.raises(Problem, match="already runs"):
        forget(settings)
    assert (settings.data / PASSWORD).exists()
    forget(settings)
    assert not settings.data.exists()

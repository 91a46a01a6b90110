"""The full course on real engines, smaller and with made-up verdicts: everything that follows from them is as in the demo."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from grader.protocol import Environment, Report, Status, Timing
from server import database
from server.accounts import service as accounts
from server.courses import service as courses
from server.database import current_time, session_factory
from server.demo import cast, full, term
from server.gradebook import queries, replay
from server.gradebook.book import Book, book_of
from server.gradebook.rules import Standing
from server.gradebook.views import warned_of
from server.grading import service as grading
from server.leaderboard.boards import Boards
from server.models import Assignment, Case, Course, Run, State, Submission
from server.settings import Settings
from server.submissions import service as submissions
from server.submissions.models import Job, Queue
from server.submissions.service import Upload
from tests.server.conftest import EMPTY_ALL
from tests.server.contest import measured

STUDENTS = 60
SCORES = (100, 80, 55, 30, 0)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=database_url, redis_url=redis_url, data=tmp_path, secret="test secret", board_fresh_s=0)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine: Engine = database.connect(database_url)
    with session_factory() as session:
        yield session
    with engine.begin() as connection:
        connection.exec_driver_sql(EMPTY_ALL)


def judge_all(session: Session) -> None:
    """A verdict for every waiting job, the first of an assignment the best."""
    waiting = session.scalars(select(Job).where(Job.state == State.received).order_by(Job.id)).all()
    for place, job in enumerate(waiting):
        slug, score = job.submission.assignment.slug, SCORES[place % len(SCORES)]
        report = Report(
            assignment=slug, status=Status.graded, score=Decimal(score), max_score=Decimal(100), seed="ab" * 32, checks=[],
            metrics={}, environment=Environment(python="3", torch="2", device="cpu", sandbox="fake", isolation="fork"),
            timing=Timing(sandbox=0, student=0, total=0),
            measured=measured(score / 110) if slug == cast.COMPETITION else None,
        )  # fmt: skip
        grading.record_report(session, claim=grading.claim(session, job_id=job.id, lease_s=60), report=report, versions={})


def make_sample(session: Session, settings: Settings) -> None:
    """What the ordinary demo leaves: staff, and works of mlp and of the competition."""
    for person in cast.STAFF:
        accounts.create_user(session, login=person.login, display_name=person.name)
    sample = courses.create_course(session, slug=cast.COURSE, title_en="Sample", title_zh="样例")
    now = current_time(session)
    for slug in (cast.ASSIGNMENT, cast.COMPETITION):
        dates = {"opens_at": now - full.DAY, "due_at": now + full.DAY, "closes_at": now + full.DAY}
        limits = {"attempt_limit": 50, "per_day": 50}
        found = full.assignments.create_assignment(session, course=sample, slug=slug, **dates, **limits)
        for number in range(len(SCORES)):
            author = accounts.find_user(session, login=f"s{number}") or accounts.create_user(
                session, login=f"s{number}", display_name="S"
            )
            courses.enroll(session, course=sample, user=author, role=full.Role.student)
            files = {"solution.py": f"# {slug} {number}\n".encode()}
            known = {"assignment": found, "author": author, "store": settings.blob_store, "queue": Queue.cpu, "now": now}
            submissions.submit(session, **known, upload=Upload(uploaded=files, collected=files))


@pytest.fixture
def course(session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setattr(full, "STUDENTS", STUDENTS)
    lot = full.random.Random(full.SEED)
    make_sample(session, settings)
    made = term.begin_term(session, settings, password="long enough", lot=lot)
    judge_all(session)
    term.end_term(session, settings, lot=lot)
    session.commit()
    return made


def read(session: Session, course: Course, settings: Settings) -> Book:
    staff = accounts.find_user(session, login=cast.INSTRUCTOR)
    member = courses.find_enrollment(session, course_slug=course.slug, user=staff)
    boards = Boards(fresh_s=0, key=b"pseudonyms")
    return book_of(session, course=course, reader=member, boards=boards, root=settings.assignments, now=current_time(session))


def test_a_term_has_everything_that_a_gradebook_shows(session: Session, settings: Settings, course: Course) -> None:
    book = read(session, course, settings)
    assert len(book.sheets) == STUDENTS and [each.key for each in book.columns][-2:] == ["attendance", "participation"]
    assert {each.section for each in book.sheets} == set(full.SECTIONS)
    standings = {entry.cell.standing for sheet in book.sheets for entry in sheet.entries.values()}
    assert standings == set(Standing)
    assert any(entry.counted and entry.counted.late_days for sheet in book.sheets for entry in sheet.entries.values())
    assert any(entry.change for sheet in book.sheets for entry in sheet.entries.values())
    assert session.scalar(select(func.count()).select_from(Case)) == 3
    assert warned_of(session, book, now=current_time(session))
    lines = queries.list_changes(session, course=course)
    assert replay.differences(book, replay.fold(lines)) == []


def test_a_copied_run_is_the_judged_one_word_for_word(session: Session, course: Course) -> None:
    of_course = select(Assignment.id).where(Assignment.course_id == course.id)
    copies = session.execute(select(Run, Submission).join(Submission).where(Submission.assignment_id.in_(of_course))).all()
    known = {(each.report["assignment"], str(each.score)): each.report for each in session.scalars(select(Run))}
    assert len(copies) > 2 * STUDENTS
    assert all(run.report == known[work.assignment.slug, str(run.score)] for run, work in copies)

"""The server on real engines, and people, courses and submissions to try it with."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from grader.protocol import (
    CheckResult,
    Environment,
    Mark,
    Measured,
    Metric,
    Outcome,
    Progress,
    Report,
    Status,
    Text,
    Timing,
    Visibility,
    Whose,
    Word,
)
from server import database
from server.accounts import credentials
from server.accounts import service as accounts
from server.accounts.models import User
from server.app import create_app
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.courses import service as courses
from server.courses.models import Course, Role
from server.database import current_time, session_factory
from server.grading import service as grading
from server.grading.models import Run
from server.models import Base
from server.settings import Settings
from server.submissions import service as submissions
from server.submissions.models import Queue, Submission
from server.submissions.service import Upload
from tests.grader.table import make_competition
from tests.server.contest import measured as reached

CONTENT = Path(__file__).parent / "content"
ITEMS = 200  # of each half of a competition
PASSWORD = "correct horse battery"
# As a replica PostgreSQL asks no trigger and no foreign key; a hundred times faster than TRUNCATE on tables this small.
EMPTY_ALL = "; ".join(
    [
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {name}" for name in Base.metadata.tables),
        "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'",
    ]
)
ENVIRONMENT = Environment(python="3", torch="2", device="cpu", sandbox="fake", isolation="fork")


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Hashes that cost nothing; what a real one costs is for test_credentials.py to say."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(credentials, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def password_hash(_quick_passwords: None) -> str:
    return credentials.hash_password(PASSWORD)


@pytest.fixture(scope="session")
def by_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a competition in which tables are handed in, alone among its parent's."""
    return make_competition(tmp_path_factory.mktemp("competitions"))


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        data=tmp_path / "data",
        assignments=CONTENT,
        secret="test secret",
        board_fresh_s=0,
        pulse_s=3600,
    )


@pytest.fixture
def tables(database_url: str) -> Iterator[Engine]:
    """Empty tables; real transactions, so that locks and several connections behave as in real life."""
    engine = database.connect(database_url)
    yield engine
    with engine.begin() as connection:
        connection.exec_driver_sql(EMPTY_ALL)


@pytest.fixture
def session(tables: Engine) -> Iterator[Session]:
    """For arranging and looking; `session.commit()` shows it to the app."""
    with session_factory() as session:
        yield session


@pytest.fixture
def app_client(tables: Engine, settings: Settings) -> Iterator[TestClient]:
    """Nobody in particular, over HTTP."""
    with TestClient(create_app(settings), base_url="http://gradus.test") as client:
        yield client


@pytest.fixture
def make_user(session: Session, password_hash: str) -> Callable[..., User]:
    def make(login: str = "ada", **fields: object) -> User:
        user = accounts.create_user(session, login=login, display_name=login.title(), **fields)
        user.password_hash = password_hash
        session.commit()
        return user

    return make


@pytest.fixture
def make_course(session: Session) -> Callable[..., Course]:
    def make(slug: str = "dl-2026") -> Course:
        course = courses.create_course(
            session, slug=slug, title_en="Deep Learning", title_zh="深度学习", time_zone="Asia/Shanghai"
        )
        session.commit()
        return course

    return make


@pytest.fixture
def course(make_course: Callable[..., Course]) -> Course:
    return make_course()


@pytest.fixture
def make_member(session: Session, make_user: Callable[..., User], course: Course) -> Callable[..., User]:
    def make(login: str, role: Role = Role.student, *, of: Course | None = None) -> User:
        user = make_user(login)
        courses.enroll(session, course=of or course, user=user, role=role)
        session.commit()
        return user

    return make


@pytest.fixture
def student(make_member: Callable[..., User]) -> User:
    return make_member("ada")


@pytest.fixture
def make_assignment(session: Session, course: Course) -> Callable[..., Assignment]:
    def make(of: Course | None = None, *, slug: str = "tiny", **fields: object) -> Assignment:
        now = current_time(session)
        dates = {"opens_at": now - timedelta(days=7), "due_at": now + timedelta(days=7), "closes_at": now + timedelta(days=9)}
        limits = {"attempt_limit": 50, "per_day": 20}
        assignment = assignments.create_assignment(session, course=of or course, slug=slug, **(dates | limits | fields))
        session.commit()
        return assignment

    return make


@pytest.fixture
def assignment(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment()


@pytest.fixture
def hand_in(session: Session, settings: Settings) -> Callable[..., Submission]:
    def hand_in(assignment: Assignment, author: User, source: str = "def double(x): return 2 * x\n") -> Submission:
        files = {"solution.py": source.encode()}
        submission = submissions.submit(
            session, assignment=assignment, author=author, upload=Upload(uploaded=files, collected=files),
            store=settings.blob_store, queue=Queue.cpu, now=current_time(session),
        )  # fmt: skip
        session.commit()
        return submission

    return hand_in


@pytest.fixture
def make_report() -> Callable[..., Report]:
    def make(score: float = 100, *, status: Status = Status.graded, **fields: object) -> Report:
        check = CheckResult(
            id="doubles_a_matrix", part="doubling", title=Text(en="A matrix", zh="矩阵"), points=Decimal(str(score)),
            max_points=Decimal(100), outcome=Outcome.passed, visibility=Visibility.hidden, message=Text(en="secret", zh="秘密"),
            word=Word.passed, seconds=1.5,
        )  # fmt: skip
        values = {
            "assignment": "tiny", "status": status, "score": Decimal(str(score)), "max_score": Decimal(100), "seed": "ab" * 32,
            "checks": [check], "environment": ENVIRONMENT, "timing": Timing(sandbox=0, student=0, total=0),
            "metrics": {"accuracy": Metric(public=score / 100, private=0.12345678)},
        }  # fmt: skip
        return Report(**(values | fields))

    return make


@pytest.fixture
def make_progress() -> Callable[..., Progress]:
    """What a judge tells after so many of four checks: one public, three hidden; the second has failed."""

    def make(done: int, total: int = 4) -> Progress:
        marks = [
            Mark(
                id=f"check_{number}", part="doubling", title=Text(en=f"Check {number}", zh=f"检查 {number}"), max_points=25,
                visibility=Visibility.hidden if number else Visibility.public,
            )
            for number in range(total)
        ]  # fmt: skip
        good = {"points": Decimal(25), "outcome": Outcome.passed, "word": Word.passed}
        bad = {"outcome": Outcome.failed, "word": Word.wrong_value}
        marks[:done] = [mark.model_copy(update=bad if mark.id == "check_1" else good) for mark in marks[:done]]
        score = sum((mark.points for mark in marks), Decimal())
        return Progress(done=done, total=total, check_id=f"check_{done}", score=score, marks=marks)

    return make


@pytest.fixture
def grade(session: Session, make_report: Callable[..., Report]) -> Callable[..., Run | None]:
    """Give a submission a verdict, by the way that a worker goes."""

    def grade(submission: Submission, score: float = 100, **fields: object) -> Run | None:
        session.expire_all()
        claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
        run = grading.record_report(session, claim=claim, report=make_report(score, **fields), versions={})
        session.commit()
        session.expire_all()
        return run

    return grade


@pytest.fixture
def measured() -> Callable[..., Measured]:
    """The first so many of the public items are right, and of the private ones as many as `private` says."""

    def measured(public: int, private: float = 0.5) -> Measured:
        return reached(public / ITEMS, private, items={"public": ITEMS, "private": ITEMS})

    return measured


@pytest.fixture
def reach(hand_in: Callable[..., Submission], grade: Callable[..., Run | None]) -> Callable[..., Submission]:
    """Somebody hands in to a competition and reaches these values."""

    def reach(contest: Assignment, author: User, public: float, private: float | None = None) -> Submission:
        submission = hand_in(contest, author)
        grade(submission, 100, measured=reached(public, private))
        return submission

    return reach


@pytest.fixture
def break_down(session: Session) -> Callable[..., None]:
    """Grading a submission fails because its assignment is broken: it waits for the staff."""

    def break_down(submission: Submission, en: str = "The reference failed.", zh: str = "参考实现出错。") -> None:
        session.expire_all()
        claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
        fault = {"whose": Whose.assignment, "code": "broken", "message": {"en": en, "zh": zh}, "line": None}
        grading.record_failure(session, claim=claim, whose=Whose.assignment, fault={"fault": fault})
        session.commit()
        session.expire_all()

    return break_down


@pytest.fixture
def bearer(session: Session) -> Callable[[User], dict[str, str]]:
    def headers(user: User) -> dict[str, str]:
        _, token = accounts.create_api_token(session, user=user, name="test")
        session.commit()
        return {"Authorization": f"Bearer {token}"}

    return headers


@pytest.fixture
def client_as(
    app_client: TestClient, settings: Settings, bearer: Callable[[User], dict[str, str]]
) -> Callable[[User], TestClient]:
    """The API as seen by somebody."""

    def client(user: User) -> TestClient:
        return TestClient(app_client.app, base_url="http://gradus.test", headers=bearer(user))

    return client

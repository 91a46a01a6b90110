"""`gradus exam rehearse` against a live server: a class of five, with a real worker, and with what goes wrong for real."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session
from typer.testing import Result

from server.accounts import service as accounts
from server.accounts.models import User
from server.audit import AuditLine
from server.cli.credentials import Credentials, store_credentials
from server.cli.exits import ExitCode
from server.courses.models import Course, Role
from server.database import current_time, session_factory
from server.exams import checklist
from server.exams.models import Exam, ExamWindow, SavedAnswer, Sitting
from server.exams.rehearsed import ENDED, REHEARSED
from server.rehearsals import findings
from server.settings import Settings
from tests.server.grading.conftest import Platform, open_platform

TARGET = "dl-2026/mixed"


@pytest.fixture(autouse=True)
def any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """How much room there is on the machine of the tests, and how busy it is, is no matter here."""
    monkeypatch.setattr(checklist, "LEAST_FREE_BYTES", 1)
    monkeypatch.setattr(findings, "SLOW_MS", 60_000.0)


@pytest.fixture
def hall(tables: Engine, settings: Settings) -> Iterator[Platform]:
    with open_platform(settings, pulse_s=0.5) as hall:
        yield hall


@pytest.fixture
def at(
    hall: Platform, serve: Callable[[Settings], str], session: Session, instructor: User, exam: Exam, private_home: Path
) -> str:
    """The instructor's own signed-in terminal."""
    url = serve(hall.settings)
    _, token = accounts.create_api_token(session, user=instructor, name="test")
    session.commit()
    store_credentials(Credentials(url=url, token=token, login=instructor.login))
    return url


def soon(change: Callable[[Session, int], bool]) -> threading.Thread:
    """Do something to the rehearsal's exam as soon as it can be done."""

    def run() -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with session_factory.begin() as session:
                hidden = select(Exam.assignment_id).join(Exam.assignment).join(Course)
                id = session.scalar(hidden.where(Course.slug.startswith("rehearsal-")))
                if id is not None and change(session, id):
                    return
            time.sleep(0.02)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.mark.sandbox
@pytest.mark.thorough
def test_a_class_of_five_finds_a_platform_ready(
    hall: Platform, at: str, gradus: Callable[..., Result], session: Session, private_home: Path
) -> None:
    hall.start_worker()
    hall.wait(lambda: checklist.workers().is_ok, "the worker does not answer")
    done = gradus(
        "exam", "rehearse", TARGET, "--students", "5", "--minutes", "0.3", "--wait", "120", "--json", "--report", "found.txt"
    )
    found = json.loads(done.stdout)
    assert done.exit_code == 0, [each["seen"]["en"] for each in found["findings"]]
    assert (found["verdict"], found["errors"], found["saves"]["lost"]) == ("READY", [], 0), found["findings"]
    by = found["hand_ins"]
    assert by["clock"] >= 1 and by["student"] + by["clock"] == 5  # on a busy machine somebody may come too late
    assert found["moves"] == {"asked": 1, "permitted": 1}
    assert found["grading"]["count"] == 5 and found["grading"]["ungraded"] == 0
    assert found["checks"]["asked"] >= 3 and found["checks"]["delay_most_s"] is not None
    assert found["saves"]["acknowledged"] > 50
    kinds = {each["kind"]: each for each in found["requests"]}
    assert {"POST start", "GET paper", "PUT answers", "GET clock", "POST checks", "POST hand-in", "POST place"} <= set(kinds)
    assert kinds["PUT answers"]["p50_ms"] <= kinds["PUT answers"]["p95_ms"] <= kinds["PUT answers"]["max_ms"]
    text = (private_home / "found.txt").read_text()
    assert text.startswith("✓ READY  dl-2026/mixed") and "PUT answers" in text
    checked = json.loads(gradus("exam", "show", TARGET, "--checklist", "--json").stdout)["checklist"]
    assert next(each for each in checked if each["id"] == "rehearsed")["is_ok"]
    assert not any(each.is_active for each in session.scalars(select(User).where(User.login.startswith("rehearsal-"))))


def test_saves_that_vanish_and_a_window_that_shuts_are_found(at: str, gradus: Callable[..., Result], session: Session) -> None:
    """And nobody judges."""
    shut = soon(shut_window)
    lose = soon(lambda session, id: is_over(session) and session.execute(delete(SavedAnswer)).rowcount > 0)
    done = gradus("exam", "rehearse", TARGET, "--students", "6", "--minutes", "0.15", "--wait", "1", "--report", "found.json")
    shut.join()
    lose.join()
    assert done.exit_code is ExitCode.ungradable, done.output
    assert done.stdout.startswith("✗ NOT READY")
    found = json.loads(Path("found.json").read_text())
    problems = {each["code"] for each in found["findings"] if each["is_problem"]}
    assert {"not_started", "errors", "lost_saves", "not_graded", "checklist_workers"} <= problems
    assert {each["what"] for each in found["errors"] if each["kind"] == "POST start"} == {"exam_not_open"}
    line = session.scalars(select(AuditLine).where(AuditLine.action == REHEARSED)).one()
    assert line.subject["is_ready"] is False and "lost_saves" in line.subject["figures"]["problems"]


def shut_window(session: Session, id: int) -> bool:
    """Once somebody has begun, nobody else can."""
    if session.scalar(select(Sitting.id).where(Sitting.exam_id == id).limit(1)) is None:
        return False
    opened = current_time(session) - timedelta(minutes=2)
    moved = update(ExamWindow).where(ExamWindow.exam_id == id)
    session.execute(moved.values(opens_at=opened, closes_at=opened + timedelta(minutes=1)))
    return True


def is_over(session: Session) -> bool:
    """Somebody has sat, and the last of the sittings has been handed in."""
    handed_in = session.scalars(select(Sitting.handed_in_at)).all()
    return bool(handed_in) and all(handed_in)


@pytest.mark.thorough
def test_ctrl_c_ends_the_rehearsal_too(at: str, session: Session, private_home: Path) -> None:
    command = [sys.executable, "-m", "server.cli", "exam", "rehearse", TARGET, "--students", "4", "--minutes", "1"]
    with (private_home / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, stdout=said, stderr=said)
    try:
        sitting = soon(lambda session, id: session.scalar(select(Sitting.id).limit(1)) is not None)
        sitting.join()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == ExitCode.interrupted, (private_home / "said.txt").read_text()
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in (private_home / "said.txt").read_text()
    assert session.scalars(select(AuditLine.action).where(AuditLine.action.in_((ENDED, REHEARSED)))).all() == [ENDED]
    assert not any(each.is_active for each in session.scalars(select(User).where(User.login.startswith("rehearsal-"))))
    assert session.scalar(select(Sitting.id).where(Sitting.handed_in_at.is_(None))) is None


def test_only_instructors_rehearse(
    at: str, gradus: Callable[..., Result], sign_in_as: Callable[..., None], make_member: Callable[..., User]
) -> None:
    sign_in_as(make_member("tia", Role.ta))
    refused = gradus("exam", "rehearse", TARGET, "--students", "1")
    assert refused.exit_code is ExitCode.refused and not refused.stdout


@pytest.fixture
def sign_in_as(at: str, session: Session) -> Callable[[User], None]:
    def sign_in_as(user: User) -> None:
        _, token = accounts.create_api_token(session, user=user, name="test")
        session.commit()
        store_credentials(Credentials(url=at, token=token, login=user.login))

    return sign_in_as

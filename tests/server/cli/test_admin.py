import getpass
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import Result

from grader.sandbox.fake_gpu import fake_device
from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.courses.models import BoardNames, Course, Enrollment, Role
from server.grading import devices
from server.models import Announcement, Message, Submission
from server.settings import get_settings

CONTENT = Path(__file__).parent.parent / "content"
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def configured(
    tables: None, database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Commands read their settings from the environment, as in real life."""
    values = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "DATA": str(tmp_path / "data"), "ASSIGNMENTS": str(CONTENT)}
    for name, value in values.items():
        monkeypatch.setenv(f"GRADUS_{name}", value)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def test_a_course_can_be_set_up_from_nothing(gradus: Run, session: Session) -> None:
    password = "a good password\n"
    assert gradus("admin", "create-user", "Grace", "--name", "Grace Hopper", input=password * 2).exit_code == 0
    titles = ("--title-en", "Deep Learning", "--title-zh", "深度学习", "--time-zone", "Asia/Shanghai")
    assert gradus("admin", "create-course", "dl", *titles).exit_code == 0
    assert gradus("admin", "enroll", "dl", "grace", "--role", "instructor").exit_code == 0
    assert gradus("admin", "set-assignment", "dl", "tiny", "--opens", "2026-01-01", "--due", "2026-02-01T20:00:00").exit_code == 0
    enrollment = session.scalars(select(Enrollment)).one()
    assert (enrollment.user.login, enrollment.course.slug, enrollment.role) == ("grace", "dl", Role.instructor)
    due = session.scalars(select(Assignment)).one().due_at
    assert due.isoformat() == "2026-02-01T12:00:00+00:00"  # eight in the evening in Shanghai


def test_setting_an_assignment_again_moves_its_dates_on_record(gradus: Run, session: Session, course: Course) -> None:
    words = ("admin", "set-assignment", "dl-2026", "tiny", "--opens", "2026-01-01", "--due")
    assert gradus(*words, "2026-02-01").exit_code == gradus(*words, "2026-02-01").exit_code == 0
    refused = gradus(*words, "2026-03-01")
    assert refused.exit_code == 4 and "Say why" in refused.stderr and "--reason" in refused.stderr
    assert gradus(*words, "2026-03-01", "--reason", "a holiday").exit_code == 0
    assert session.scalars(select(Assignment)).one().due_at.month == 2  # midnight in Shanghai is still February in UTC
    moved = next(line for line in list_lines(session, course=course) if line.action == "dates.moved")
    assert moved.subject["reason"] == "a holiday" and moved.subject["before"]["due_at"].startswith("2026-01-31")
    told = session.scalars(select(Announcement)).one()
    assert told.occasion == "date_moved" and "a holiday" in told.text and told.author is None


def test_the_names_on_boards_are_set_and_written_down(gradus: Run, session: Session, course: Course) -> None:
    assert gradus("admin", "board-names", "dl-2026", "aliases").exit_code == 2
    for _ in range(2):
        assert "show pseudonyms" in gradus("admin", "board-names", "dl-2026", "pseudonyms").stdout
    session.expire_all()
    (line,) = list_lines(session, course=course)
    assert (course.board_names, line.subject["before"], line.subject["now"]) == (BoardNames.pseudonyms, "real", "pseudonyms")


def test_a_password_can_come_from_a_file(gradus: Run, session: Session, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from a file\n")
    assert gradus("admin", "create-user", "ada", "--password-file", str(tmp_path / "password")).exit_code == 0
    assert session.scalars(select(User)).one().password_hash.startswith("$argon2")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("enroll", "dl-2026", "nobody"), 4, "no person nobody"),
        (("enroll", "nowhere", "ada"), 4, "no course nowhere"),
        (("enroll", "dl-2026", "ada", "--role", "king"), 2, "student, ta, instructor"),
        (("create-course", "dl-2026", "--title-en", "x", "--title-zh", "y"), 4, "already"),
        (("create-course", "new", "--title-en", "x", "--title-zh", "y", "--time-zone", "Mars"), 2, "no time zone"),
        (("set-assignment", "dl-2026", "missing", "--opens", "2026-01-01", "--due", "2026-02-01"), 2, "missing"),
        (("set-assignment", "dl-2026", "tiny", "--opens", "2026-03-01", "--due", "2026-02-01"), 2, "not in order"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    gradus: Run, course: Course, words: tuple[str, ...], code: int, sentence: str
) -> None:
    result = gradus("admin", *words)
    assert result.exit_code == code, result.output
    assert sentence in result.stderr and "Traceback" not in result.output


def test_a_short_password_is_refused_before_anything_is_written(gradus: Run, session: Session) -> None:
    assert gradus("admin", "create-user", "ada", input="short\nshort\n").exit_code == 2
    assert session.scalars(select(User)).all() == []


def test_gpus_are_listed_and_one_that_was_taken_out_is_set_back_by_name(
    gradus: Run, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    assert "No worker has told of a GPU" in gradus("admin", "devices").stdout
    for device in (fake_device(0), fake_device(1)):
        devices.register(session, device=device, host="gpu-1", idle_bytes=0)
    devices.quarantine(session, uuid="GPU-0000", why="processes [77] are still on it")
    session.commit()
    listed = gradus("admin", "devices").stdout
    assert "quarantined" in listed and "processes [77] are still on it" in listed and "ready" in listed
    with caplog.at_level("WARNING"):
        released = json.loads(gradus("admin", "devices", "--release", "GPU-0000", "--json").stdout)
    assert {(each["uuid"], each["state"]) for each in released} == {("GPU-0000", "ready"), ("GPU-0001", "ready")}
    assert released[0]["set_back_by"] == getpass.getuser() and released[0]["set_back_at"] is not None
    assert f"(quarantined: processes [77] are still on it) is set back into service by {getpass.getuser()}" in caplog.text


@pytest.mark.parametrize(("uuid", "sentence"), [("GPU-none", "No worker has told of"), ("GPU-0000", "in service already")])
def test_a_gpu_that_cannot_be_set_back_says_why(gradus: Run, session: Session, uuid: str, sentence: str) -> None:
    devices.register(session, device=fake_device(0), host="gpu-1", idle_bytes=0)
    session.commit()
    result = gradus("admin", "devices", "--release", uuid)
    assert (result.exit_code, sentence in result.stderr) == (4, True)


def test_what_is_stuck_is_listed_and_can_be_graded_again(
    gradus: Run, session: Session, course: Course, assignment: Assignment, student: User,
    hand_in: Callable[..., Submission], break_down: Callable[..., None],
) -> None:  # fmt: skip
    assert "Nothing is stuck." in gradus("admin", "stuck").output
    submission = hand_in(assignment, student)
    break_down(submission)
    listed = gradus("admin", "stuck", "dl-2026").stdout
    assert "dl-2026/tiny" in listed and "The reference failed." in listed
    assert json.loads(gradus("admin", "stuck", "--json").stdout)["submissions"][0]["author"] == "ada"
    assert gradus("admin", "stuck", "nowhere").exit_code == 4
    assert "Sent to be graded again: 1." in gradus("admin", "stuck", "--rerun").output
    session.expire_all()
    assert submission.state == "received"
    assert session.scalars(select(Message)).all()


def test_what_a_course_settles_about_honest_work_is_set_and_shown(
    gradus: Run, session: Session, course: Course, private_home: Path
) -> None:
    (private_home / "rule.md").write_text("Be **honest**.", encoding="utf-8")
    words = ("--asks-sources", "required", "--honour-en", "rule.md", "--second-eyes", "--cases-kept-days", "90")
    assert gradus("admin", "integrity", "dl-2026", *words).exit_code == 0
    shown = json.loads(gradus("admin", "integrity", "dl-2026", "--json").stdout)
    assert shown == {
        "asks_sources": "required", "honour_en": "Be **honest**.", "honour_zh": None, "tells_students": True,
        "second_eyes": True, "cases_kept_days": 90,
    }  # fmt: skip
    assert gradus("admin", "integrity", "dl-2026", "--asks-sources", "maybe").exit_code == 2
    assert gradus("admin", "integrity", "dl-2026", "--cases-kept-days", "0").exit_code == 4
    (line,) = list_lines(session, course=course)
    assert (line.actor, line.action, line.subject["now"]["cases_kept_days"]) == (None, "course.integrity", 90)

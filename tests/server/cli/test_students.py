"""submit, status, leaderboard and pull as a student types them."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import Result

from grader.protocol import Fault, Progress, Status, Text, Whose
from server.accounts.models import User
from server.assignments.models import Assignment
from server.cli import client
from server.cli.credentials import load_credentials
from server.courses.models import Role
from server.grading import service as grading
from server.submissions.models import Submission

Run = Callable[..., Result]
SOLUTION = "def double(x):\n    return 2 * x\n"


@pytest.fixture
def solution(private_home: Path) -> Path:
    path = private_home / "solution.py"
    path.write_text(SOLUTION)
    return path


@pytest.fixture
def signed_in(student: User, assignment: Assignment, sign_in: Callable[[User], None]) -> User:
    sign_in(student)
    return student


@pytest.fixture
def grade_soon(session: Session, grade: Callable[..., object]) -> Callable[..., None]:
    """Give the next submission its verdict while the command waits for it."""

    def wait_and_grade(**verdict: object) -> None:
        while (submission := session.scalar(select(Submission))) is None:
            session.rollback()
            time.sleep(0.05)
        grade(submission, **verdict)

    def start(**verdict: object) -> None:
        threading.Thread(target=wait_and_grade, kwargs=verdict, daemon=True).start()

    return start


class CutsAnswersOff(httpx.BaseTransport):
    """Lets so many requests for a submission arrive, and drops what comes back."""

    def __init__(self, times: int) -> None:
        self.times, self.keys = times, []
        self.real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.real.handle_request(request)
        if request.method == "POST":
            response.read()
            self.keys.append(request.headers.get("idempotency-key"))
            if len(self.keys) <= self.times:
                raise httpx.ReadError("connection reset by peer")
        return response


@pytest.fixture
def cut_off(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], CutsAnswersOff]:
    def cut_off(times: int) -> CutsAnswersOff:
        transport = CutsAnswersOff(times)

        def signed_in() -> client.Client:
            known = load_credentials()
            return client.Client(known.url, known.token, transport=transport)

        monkeypatch.setattr(client, "signed_in", signed_in)
        monkeypatch.setattr(client, "PAUSE_S", 0.01)
        return transport

    return cut_off


def test_a_receipt_that_is_cut_off_is_asked_for_again_and_costs_one_attempt(
    gradus: Run, signed_in: User, solution: Path, cut_off: Callable[[int], CutsAnswersOff], session: Session
) -> None:
    line = cut_off(2)
    result = gradus("submit", "--no-wait", "dl-2026/tiny", "solution.py")
    assert (result.exit_code, result.stdout.strip()) == (0, "1"), result.output
    assert "49 left" in result.stderr
    assert len(line.keys) == 3 and len(set(line.keys)) == 1 and line.keys[0]
    assert len(session.scalars(select(Submission)).all()) == 1
    assert gradus("submit", "--no-wait", "dl-2026/tiny", "solution.py").stdout.strip() == "2"  # on purpose: another attempt


def test_a_line_that_stays_cut_says_to_look_before_sending_again(
    gradus: Run, signed_in: User, solution: Path, cut_off: Callable[[int], CutsAnswersOff]
) -> None:
    cut_off(10)
    result = gradus("submit", "--no-wait", "dl-2026/tiny", "solution.py")
    assert result.exit_code == 3
    assert "gradus status" in result.stderr and "may have arrived" in result.stderr


def test_submit_waits_and_ends_with_a_line_to_copy(
    gradus: Run, signed_in: User, solution: Path, grade_soon: Callable[..., None]
) -> None:
    grade_soon(score=100)
    result = gradus("submit", "dl-2026/tiny", "solution.py")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "submission 1 · dl-2026/tiny · attempt 1 · 100 / 100"
    assert "sha256" in result.stderr


def test_submit_tells_each_check_as_it_ends_and_none_twice(
    gradus: Run, signed_in: User, solution: Path, session: Session, make_progress: Callable[..., Progress],
    grade: Callable[..., object], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Also when the line breaks off after each event and a second try begins from the start."""
    monkeypatch.setattr("server.grading.events.REREAD_S", 0.05)

    def judge_twice() -> None:
        while (submission := session.scalar(select(Submission))) is None:
            session.rollback()
            time.sleep(0.05)
        first = grading.claim(session, job_id=submission.job.id, lease_s=15)
        for done in (0, 2):
            grading.renew(session, claim=first, lease_s=15, progress=make_progress(done))
            session.commit()
            time.sleep(0.5)
        grading.record_failure(session, claim=first, whose=Whose.system, fault={})
        session.commit()
        time.sleep(0.5)
        grade(submission, score=40)

    thread = threading.Thread(target=judge_twice, daemon=True)
    thread.start()
    result = gradus("submit", "solution.py")
    thread.join()
    assert [line for line in result.stderr.splitlines() if "Check" in line or "system" in line] == [
        "✓ Check 0  25 / 25",
        "✗ Check 1  0 / 25  Wrong value.",
        "! our system failed and tries again; nothing is lost",
    ]
    assert result.stdout.splitlines()[-1].endswith("40 / 100")


def test_submit_prints_json_and_nothing_else_on_standard_output(
    gradus: Run, signed_in: User, solution: Path, grade_soon: Callable[..., None]
) -> None:
    grade_soon(score=40)
    result = gradus("submit", "tiny", "solution.py", "--json")
    data = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (data["state"], data["score"], data["run"]["status"]) == ("graded", 40.0, "graded")


def test_what_cannot_be_graded_ends_with_exit_code_1(
    gradus: Run, signed_in: User, solution: Path, grade_soon: Callable[..., None]
) -> None:
    fault = Fault(whose=Whose.student, code="syntax", message=Text(en="A bracket is missing.", zh="缺少括号。"), line=3)
    grade_soon(score=0, status=Status.ungradable, fault=fault)
    result = gradus("submit", "solution.py")
    assert result.exit_code == 1
    assert "A bracket is missing. (line 3)" in result.stdout
    assert "not gradable" in result.stdout


def test_no_wait_prints_the_number_and_status_tells_the_rest(
    gradus: Run, signed_in: User, solution: Path, session: Session, grade: Callable[..., object]
) -> None:
    assert gradus("submit", "solution.py", "--no-wait").stdout == "1\n"
    waiting = gradus("status", "1")
    assert waiting.exit_code == 0 and "attempt 1" in waiting.stdout
    grade(session.scalars(select(Submission)).one(), score=73.5)
    assert "73.5 / 100" in gradus("status", "1").stdout


def test_the_history_is_newest_first(gradus: Run, signed_in: User, solution: Path) -> None:
    for _ in range(2):
        gradus("submit", "solution.py", "--no-wait")
    assert [each["id"] for each in json.loads(gradus("status", "--json").stdout)] == [2, 1]
    assert "dl-2026/tiny" in gradus("status").stdout


def test_an_empty_history_says_what_comes_next(gradus: Run, signed_in: User) -> None:
    assert "gradus pull" in gradus("status").stdout


def test_the_leaderboard_marks_ones_own_row(
    gradus: Run, signed_in: User, make_member: Callable[..., User], assignment: Assignment,
    hand_in: Callable[..., Submission], grade: Callable[..., object],
) -> None:  # fmt: skip
    grade(hand_in(assignment, signed_in), score=90)
    grade(hand_in(assignment, make_member("grace", Role.student)), score=95)
    lines = gradus("leaderboard", "dl-2026/tiny").stdout.splitlines()
    assert next(line for line in lines if "Ada" in line).startswith("→")
    assert json.loads(gradus("leaderboard", "--json").stdout)["rows"][0]["score"] == 95.0


def test_a_closed_assignment_refuses_with_its_date(
    gradus: Run, student: User, make_assignment: Callable[..., Assignment], sign_in: Callable[[User], None],
    solution: Path, session: Session,
) -> None:  # fmt: skip
    closed = make_assignment()
    closed.closes_at = closed.due_at = closed.opens_at
    session.add(closed)
    session.commit()
    sign_in(student)
    result = gradus("submit", "solution.py")
    assert result.exit_code == 4
    assert "closed at" in result.stderr and "Traceback" not in result.output


def test_who_has_used_up_the_day_is_told_when_to_come_back(
    gradus: Run, student: User, make_assignment: Callable[..., Assignment], hand_in: Callable[..., object],
    sign_in: Callable[[User], None], solution: Path,
) -> None:  # fmt: skip
    hand_in(make_assignment(per_day=1), student)
    sign_in(student)
    result = gradus("submit", "solution.py")
    assert result.exit_code == 4
    assert "next from" in result.stderr and "00:00 CST" in result.stderr
    assert "try again from" in result.stderr


def test_an_unknown_assignment_lists_ones_own(gradus: Run, signed_in: User, solution: Path) -> None:
    result = gradus("submit", "cnn", "solution.py")
    assert result.exit_code == 2
    assert "yours: dl-2026/tiny" in result.stderr


def test_a_missing_file_is_a_usage_error(gradus: Run, signed_in: User) -> None:
    result = gradus("submit", "tiny", "solutoin.py")
    assert result.exit_code == 2
    assert "solutoin.py cannot be read" in result.stderr


def test_a_file_that_lies_in_the_folder_of_pull_is_pointed_at(gradus: Run, signed_in: User, private_home: Path) -> None:
    (private_home / "tiny").mkdir()
    (private_home / "tiny" / "solution.py").write_text(SOLUTION)
    for words in (["solution.py"], ["dl-2026/tiny", "solution.py"]):
        result = gradus("submit", *words)
        assert result.exit_code == 2
        assert "did you mean tiny/solution.py?" in result.stderr


def test_what_is_not_there_says_where_to_look(gradus: Run, signed_in: User) -> None:
    result = gradus("status", "999")
    assert result.exit_code == 4
    assert "next: your courses, assignments and submissions: gradus status" in result.stderr


def test_somebody_elses_submission_is_not_there(
    gradus: Run, signed_in: User, make_member: Callable[..., User], assignment: Assignment, hand_in: Callable[..., Submission]
) -> None:
    other = hand_in(assignment, make_member("grace", Role.student))
    assert gradus("status", str(other.id)).exit_code == 4


def test_pull_brings_what_is_needed_and_no_answers(gradus: Run, signed_in: User, private_home: Path) -> None:
    result = gradus("pull", "dl-2026/tiny")
    assert result.exit_code == 0, result.output
    names = {path.name for path in (private_home / "tiny").rglob("*") if path.is_file()}
    assert {"solution.py", "handout.en.md", "handout.zh.md", "public_checks.py", "public_cases.grd"} <= names
    assert not names & {"reference.py", "checks.py"}


def test_pull_never_overwrites_work_unless_told_to(gradus: Run, signed_in: User, private_home: Path) -> None:
    work = private_home / "tiny" / "solution.py"
    work.parent.mkdir()
    work.write_text(SOLUTION)
    kept = gradus("pull")
    assert "left as it is" in kept.stdout and work.read_text() == SOLUTION
    assert gradus("pull", "--force").exit_code == 0
    assert "NotImplementedError" in work.read_text()


@pytest.mark.parametrize(
    ("is_cancelled", "words"), [(False, "waits to be graded again"), (True, "grading it again was cancelled; this score counts")]
)
def test_status_of_a_rerun_keeps_the_score_that_counts(
    gradus: Run, signed_in: User, assignment: Assignment, hand_in: Callable[..., Submission], grade: Callable[..., object],
    session: Session, is_cancelled: bool, words: str,
) -> None:  # fmt: skip
    submission = hand_in(assignment, signed_in)
    grade(submission, 40)
    grading.rerun(session, submission=submission, requested_by=signed_in)
    session.commit()
    session.expire_all()
    if is_cancelled:
        grading.cancel(session, submission=submission)
    session.commit()
    assert f"attempt 1 · 40 / 100 · {words}" in gradus("status", str(submission.id)).stdout.splitlines()[-1]

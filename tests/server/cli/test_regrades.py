"""`gradus return`, `regrade`, `rerun` and `replay` against the running app."""

import json
from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from typer.testing import Result

from grader.protocol import Report
from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.cli.exits import ExitCode
from server.cli.replay import judge_again
from server.courses.models import Role
from server.database import current_time
from server.grading import service as grading
from server.grading.models import Run
from server.models import Submission
from server.regrades import service as regrades
from server.reruns import claims
from server.settings import Settings
from tests.server.conftest import CONTENT

Gradus = Callable[..., Result]
RIGHT = "def double(x): return 2 * x\n"


@pytest.fixture
def zhou(make_member: Callable[..., User], sign_in: Callable[[User], None]) -> User:
    zhou = make_member("zhou", Role.instructor)
    sign_in(zhou)
    return zhou


@pytest.fixture
def graded(assignment: Assignment, student: User, hand_in: Callable[..., Submission], grade: Callable[..., Run]) -> Submission:
    submission = hand_in(assignment, student, RIGHT)
    grade(submission, 40)
    return submission


def test_a_submission_is_returned_listed_and_taken_back(gradus: Gradus, zhou: User, graded: Submission) -> None:
    assert gradus("return", str(graded.id)).exit_code == ExitCode.usage
    told = gradus("return", str(graded.id), "--reason", "Line 3 is not Python.")
    assert "Attempt 1 of ada is returned" in told.stdout and "10 % less" in told.stdout
    assert "Line 3" in gradus("returns", "dl-2026").stdout
    twice = gradus("return", str(graded.id), "--reason", "again")
    assert twice.exit_code == ExitCode.refused and "Nothing was changed" in twice.stderr
    assert "taken back" in gradus("return", str(graded.id), "--take-back").stdout
    assert json.loads(gradus("returns", "dl-2026", "--json").stdout) == []


def test_a_request_is_listed_assigned_and_answered(
    session: Session, settings: Settings, gradus: Gradus, zhou: User, student: User, graded: Submission
) -> None:
    asked = regrades.ask(
        session, submission=graded, subject="check:doubles_a_matrix", statement="It equals the reference.", student=student,
        manifest=manifest_of(graded.assignment, root=settings.assignments), now=current_time(session),
    )  # fmt: skip
    session.commit()
    assert "It equals the reference." in gradus("regrade", "list", "dl-2026").stdout
    assert "in progress" in gradus("regrade", "assign", "dl-2026", str(asked.id), "zhou").stdout
    unclear = gradus("regrade", "answer", "dl-2026", str(asked.id), "Yes.", "--points", "5", "--decline")
    assert unclear.exit_code == ExitCode.usage
    assert "accepted, +5 points" in gradus("regrade", "answer", "dl-2026", str(asked.id), "Yes.", "--points", "5").stdout
    assert "Nothing waits" in gradus("regrade", "list", "dl-2026").stdout


def test_a_preview_is_begun_shown_and_published(
    session: Session, gradus: Gradus, zhou: User, graded: Submission, make_report: Callable[..., Report]
) -> None:
    begun = json.loads(gradus("rerun", "preview", "dl-2026/tiny", "--reason", "A tolerance.", "--json").stdout)
    number = str(begun["id"])
    early = gradus("rerun", "publish", "dl-2026/tiny", number)
    assert early.exit_code == ExitCode.refused and "still to be judged" in early.stderr
    claim = claims.claim(session, preview_id=begun["id"], lease_s=15)
    claims.record_report(session, claim=claim, report=make_report(70), versions={})
    session.commit()
    shown = gradus("rerun", "show", "dl-2026/tiny", number).stdout
    assert "1 of 1 judged" in shown and "↑ pass" in shown and "40 → 70" in shown
    assert "published" in gradus("rerun", "publish", "dl-2026/tiny", number).stdout
    session.expire_all()
    assert session.get_one(Submission, graded.id).run.score == 70
    assert "published" in gradus("rerun", "list", "dl-2026/tiny").stdout


def test_a_run_gives_the_same_again_and_another_one_is_told_apart(
    session: Session, gradus: Gradus, zhou: User, assignment: Assignment, student: User, hand_in: Callable[..., Submission]
) -> None:
    submission = hand_in(assignment, student, RIGHT)
    files = {"solution.py": b64encode(RIGHT.encode()).decode()}
    kept = {"files": files, "answers": None, "seed": "ab" * 32, "versions": {}, "report": {}, "assignment": "tiny"}
    report, versions = judge_again(kept, CONTENT / "tiny")
    claim = grading.claim(session, job_id=submission.job.id, lease_s=60)
    run = grading.record_report(session, claim=claim, report=report, versions=versions)
    session.commit()
    same = gradus("replay", str(run.id), "--assignment", str(CONTENT / "tiny"))
    assert same.exit_code == ExitCode.done and "the same report" in same.stdout, same.output
    session.expire_all()
    grading.rerun(session, submission=session.get_one(Submission, submission.id), requested_by=None)
    session.commit()
    session.expire_all()
    claim = grading.claim(session, job_id=session.get_one(Submission, submission.id).job.id, lease_s=60)
    lower = report.model_copy(update={"score": report.score - Decimal(1)})
    other = grading.record_report(session, claim=claim, report=lower, versions=versions | {"torch": "1.0"})
    session.commit()
    answered = gradus("replay", str(other.id), "--assignment", str(CONTENT / "tiny"), "--json")
    told = json.loads(answered.stdout)
    assert answered.exit_code == ExitCode.ungradable
    assert (told["same_score"], told["differences"], list(told["versions"])) == (False, ["score"], ["torch"])


def test_what_is_not_there_is_said_plainly(gradus: Gradus, zhou: User, tmp_path: Path) -> None:
    assert gradus("replay", "999999", "--assignment", str(tmp_path)).exit_code == ExitCode.refused

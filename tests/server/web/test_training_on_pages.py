"""What the code logs, on the page of its submission: while it runs and afterwards, for students and for staff."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from grader.protocol import CheckResult, Logged, Measured, Outcome, Progress, Report, Series, Visibility, Word
from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.database import current_time
from server.grading import service as grading
from server.models import Job, Submission
from server.submissions import queries
from server.teams import service as teams

Visit = Callable[..., TestClient]
Grade = Callable[..., object]
SECRET, SECRET_SAID = -5.55e-7, "-5.55e-07"  # nothing else on a page reads like this, no time either
FULL = {"points": Decimal(50), "outcome": Outcome.passed, "word": Word.passed}


def logged(check: str, *values: float | None, name: str = "loss") -> Logged:
    return Logged(check=check, series=[Series(name=name, steps=list(range(len(values))), values=values, total=1234)])


@pytest.fixture
def training(make_check: Callable[..., CheckResult]) -> dict[str, object]:
    """What `grade` takes for a submission that trained in a public and in a hidden check."""
    checks = [make_check("public_one", **FULL), make_check("hidden_one", visibility=Visibility.hidden, **FULL)]
    return {"checks": checks, "training": [logged("public_one", 2.0, 0.5), logged("hidden_one", SECRET, name="secret_name")]}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["What the code has logged", "this run", "Course of loss", "From 2 at step 0 to 0.5 at step 1"]),
        ("zh_CN", ["代码记录的训练过程", "本次", "loss 的变化过程", "从第 0 步的 2 到第 1 步的 0.5"]),
    ],
)
def test_a_student_sees_the_training_of_public_checks_and_nothing_of_hidden_ones(
    visit: Visit, student: User, assignment: Assignment, hand_in: Callable[..., Submission], grade: Grade,
    training: dict[str, object], language: str, words: list[str],
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    grade(submission, 100, **training)
    html = visit(student, language=language).get(f"/submissions/{submission.id}").text
    assert all(word in html for word in words)
    assert html.count('<polyline class="line"') == 1 and 'class="before"' not in html
    assert "secret_name" not in html and SECRET_SAID not in html
    answer = visit(student).get(f"/api/v1/submissions/{submission.id}").json()
    assert [each["check"] for each in answer["run"]["report"]["training"]] == ["public_one"]


def test_staff_see_the_training_of_hidden_checks_too(
    visit: Visit, make_member: Callable[..., User], student: User, assignment: Assignment,
    hand_in: Callable[..., Submission], grade: Grade, training: dict[str, object],
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    grade(submission, 100, **training)
    html = visit(make_member("grace", Role.ta)).get(f"/submissions/{submission.id}").text
    assert "secret_name" in html and SECRET_SAID in html


def test_a_check_that_runs_shows_what_it_has_logged_so_far(
    visit: Visit, student: User, assignment: Assignment, hand_in: Callable[..., Submission], session: Session,
    make_progress: Callable[..., Progress],
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
    progress = replace(make_progress(0), logged=[logged("check_0", 2.0, None, 0.5)])
    grading.renew(session, claim=claim, lease_s=15, progress=progress)
    session.commit()
    html = visit(student).get(f"/submissions/{submission.id}/live").text
    assert '<details id="check-check_0" open>' in html and html.count('<polyline class="line"') == 2
    answer = visit(student).get(f"/api/v1/submissions/{submission.id}").json()
    assert answer["progress"]["logged"][0]["series"][0]["values"] == [2.0, None, 0.5]


def test_what_an_earlier_try_has_logged_is_forgotten(
    student: User, assignment: Assignment, hand_in: Callable[..., Submission], session: Session,
    make_progress: Callable[..., Progress], make_report: Callable[..., Report],
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
    grading.renew(session, claim=claim, lease_s=15, progress=replace(make_progress(0), logged=[logged("check_0", 2.0)]))
    assert session.get(Job, claim.job_id).logged
    grading.record_report(session, claim=claim, report=make_report(), versions={})
    session.flush()
    session.expire_all()
    assert session.get(Job, claim.job_id).logged == [], "the report has it now"


def test_the_best_run_before_is_drawn_beside_it(
    visit: Visit, student: User, make_member: Callable[..., User], assignment: Assignment,
    hand_in: Callable[..., Submission], grade: Grade, training: dict[str, object], session: Session,
) -> None:  # fmt: skip
    other = hand_in(assignment, make_member("bob"))
    grade(other, 100, **training)
    attempts = [hand_in(assignment, student) for _ in range(4)]
    for submission, score in zip(attempts, (70, 90, 80, 60), strict=True):
        grade(submission, score, **training)
    session.expire_all()
    best = [queries.find_best_before(session, submission=submission) for submission in attempts]
    assert [run and run.submission.attempt for run in best] == [None, 1, 2, 2]
    html = visit(student).get(f"/submissions/{attempts[3].id}").text
    assert html.count('<polyline class="before"') == 1 and "best run before, attempt 2" in html
    assert 'class="before"' not in visit(student).get(f"/submissions/{attempts[0].id}").text


@pytest.mark.parametrize(("language", "words"), [("en", "best run before, attempt 1 by Bob"), ("zh_CN", "（Bob 的第 1 次提交）")])
def test_in_a_competition_the_best_run_before_is_that_of_the_team_with_the_best_value_that_shows(
    visit: Visit, student: User, make_member: Callable[..., User], make_assignment: Callable[..., Assignment],
    hand_in: Callable[..., Submission], grade: Grade, measured: Callable[..., Measured], training: dict[str, object],
    session: Session, language: str, words: str,
) -> None:  # fmt: skip
    bob, eve, contest = make_member("bob"), make_member("eve"), make_assignment(slug="contest")
    training["checks"] = [check.model_copy(update={"part": "score"}) for check in training["checks"]]
    submissions = [hand_in(contest, author) for author in (eve, student, bob, student, student)]
    for submission, value in zip(submissions, (195, 100, 160, 161, 120), strict=True):  # the Ladder keeps 161 to itself
        grade(submission, 100, measured=measured(value), **training)
    team = teams.create_team(session, assignment=contest, founder=student, name="Alpha", now=current_time(session))
    teams.add_member(session, team=team, user=bob, invited_by=student, joined_at=current_time(session))
    session.commit()
    html = visit(student, language=language).get(f"/submissions/{submissions[4].id}").text
    assert html.count('<polyline class="before"') == 1 and words in html
    assert '<polyline class="before"' not in visit(student).get(f"/submissions/{submissions[1].id}").text
    assert '<polyline class="before"' not in visit(eve).get(f"/submissions/{submissions[0].id}").text


def test_what_was_logged_in_a_hidden_check_stays_hidden_when_it_becomes_public(
    visit: Visit, student: User, assignment: Assignment, hand_in: Callable[..., Submission], grade: Grade,
    make_check: Callable[..., CheckResult],
) -> None:  # fmt: skip
    before, after = hand_in(assignment, student), hand_in(assignment, student)
    hidden, public = (make_check("fits", visibility=visibility, **FULL) for visibility in (Visibility.hidden, Visibility.public))
    grade(before, 100, checks=[hidden], training=[logged("fits", SECRET)])
    grade(after, 100, checks=[public], training=[logged("fits", 2.0)])
    html = visit(student).get(f"/submissions/{after.id}").text
    assert 'class="line"' in html and 'class="before"' not in html and SECRET_SAID not in html

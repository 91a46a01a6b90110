"""A competition in which a table is handed in, as a student types it: pull, submit, read what it reached or what is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from typer.testing import Result

from grader.sandbox.base import Isolation
from grader.sandbox.fake import FakeSandbox
from server.accounts.models import User
from server.assignments.models import Assignment
from server.grading import judging
from server.grading import service as grading
from server.settings import Settings
from server.submissions.models import Submission

Run = Callable[..., Result]


@pytest.fixture
def settings(settings: Settings, by_table: Path) -> Settings:
    return settings.model_copy(update={"assignments": by_table.parent})


@pytest.fixture
def competition(
    student: User, make_assignment: Callable[..., Assignment], sign_in: Callable[[User], None], session: Session
) -> Assignment:
    assignment = make_assignment(slug="table")
    sign_in(student)
    return assignment


@pytest.fixture
def judged(session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Submission]:
    """The judge's verdict, by the way that a worker goes."""
    monkeypatch.setattr(judging, "_sandboxes", {Isolation.fork: FakeSandbox()})

    def judged(submission_id: int) -> Submission:
        session.expire_all()
        submission = session.get(Submission, submission_id)
        claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
        report = judging.run_judge(judging.make_job(submission, settings), settings, progress=lambda _: None)
        grading.record_report(session, claim=claim, report=report, versions={})
        session.commit()
        session.expire_all()
        return submission

    return judged


def submit(gradus: Run, path: Path) -> int:
    result = gradus("submit", "dl-2026/table", str(path), "--no-wait")
    assert result.exit_code == 0, result.output
    return int(result.stdout.split()[0])


def test_pull_brings_data_and_a_sample_to_hand_in(gradus: Run, competition: Assignment, private_home: Path) -> None:
    result = gradus("pull", "dl-2026/table")
    assert result.exit_code == 0, result.output
    names = {path.relative_to(private_home / "table").as_posix() for path in (private_home / "table").rglob("*.*")}
    assert names == {"assignment.toml", "handout.en.md", "handout.zh.md", "sample.csv", "data/train.csv", "data/test.csv"}
    assert "the form of a table to hand in" in result.stdout
    assert result.stdout.splitlines()[-1] == "next: gradus submit table/sample.csv"


def test_pull_leaves_predictions_in_the_sample_alone(gradus: Run, competition: Assignment, private_home: Path) -> None:
    mine = private_home / "table" / "sample.csv"
    mine.parent.mkdir()
    mine.write_text("id,label\np000,1\n")
    assert "left as it is" in gradus("pull").stdout and mine.read_text() == "id,label\np000,1\n"


@pytest.mark.parametrize("file", ["baselines/nearest.csv", "accepted/parquet.parquet"])
def test_a_table_is_handed_in_judged_and_on_the_board(
    gradus: Run, competition: Assignment, judged: Callable[[int], Submission], by_table: Path, file: str
) -> None:
    id = submit(gradus, by_table / file)
    judged(id)
    told = gradus("status", str(id)).stdout
    assert "100 / 100" in told and "0.911" in told
    assert "0.911" in gradus("leaderboard", "dl-2026/table").stdout


def test_what_is_wrong_is_told_with_its_line(
    gradus: Run, competition: Assignment, judged: Callable[[int], Submission], by_table: Path
) -> None:
    id = submit(gradus, by_table / "mistakes" / "nan.csv")
    judged(id)
    assert "Line 6: the label has to be a finite number; there is nan." in gradus("status", str(id)).stdout


def test_a_program_is_refused_with_what_is_wanted(gradus: Run, competition: Assignment, private_home: Path) -> None:
    (private_home / "solution.py").write_text("x = 1\n")
    result = gradus("submit", "dl-2026/table", "solution.py")
    assert result.exit_code == 4
    assert "solution.py is no table of predictions" in result.stderr.replace("\n", " ")

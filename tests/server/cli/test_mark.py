"""`gradus mark` against the running app: progress, a mark, one at lines, publication and the file."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cli.exits import ExitCode
from server.courses.models import Role
from server.models import Submission

TARGET = "dl-2026/reviewed"
Run = Callable[..., Result]


@pytest.fixture
def work(
    make_assignment: Callable[..., Assignment], student: User, hand_in: Callable[..., Submission], grade: Callable[..., object]
) -> Submission:
    submission = hand_in(make_assignment(slug="reviewed"), student)
    grade(submission, 60, max_score=60)
    return submission


@pytest.fixture
def mark(gradus: Run, sign_in: Callable[[User], None], make_member: Callable[..., User], work: Submission) -> Run:
    """As an instructor."""
    sign_in(make_member("ines", Role.instructor))

    def mark(*words: object) -> Result:
        return gradus("mark", *map(str, words))

    return mark


def test_a_work_is_marked_from_the_terminal(mark: Run, work: Submission, private_home: Path) -> None:
    assert "0 of 1" in mark("progress").stdout
    one = (TARGET, "style", work.id)
    rubric = json.loads(mark("show", *one, "--json").stdout)["rubric"]
    item = rubric["items"][0]
    assert "Names say nothing" in mark("show", *one).stdout and "not marked yet" in mark("show", *one).stdout
    assert "15 points · version 1" in mark("give", *one, "--item", item["id"]).stdout
    late = mark("give", *one, "--comment", "mine")
    assert late.exit_code == ExitCode.refused and "Ines" in late.stderr
    again = json.loads(mark("give", *one, "--points", "-0.5", "--reason", "late", "--version", 1, "--json").stdout)
    assert (float(again["points"]), again["version"]) == (19.5, 2)
    assert "✓" in mark("comment", *one, "solution.py:1", "Why $2x$?").stdout
    assert mark("comment", *one, "solution.py", "x").exit_code == ExitCode.usage
    assert "Why $2x$?" in mark("show", *one).stdout
    edited = ("item", TARGET, "style", "--points", "-3", "--en", "Names", "--id", item["id"])
    assert "saved" in mark(*edited).stdout  # the mark that holds does not have it
    assert (
        "saved" in mark("item", TARGET, "style", "--points", "-1", "--zh", "缩进").stdout and "缩进" in mark("show", *one).stdout
    )
    assert "ada" in mark("list", TARGET, "style").stdout and "No work fits" in mark("list", TARGET, "style", "--open").stdout
    assert "ines 1/1" in mark("share", TARGET, "--marker", "ines").stdout
    refused = mark("publish", TARGET)
    assert refused.exit_code == ExitCode.refused and "3 answers are not marked yet" in refused.stderr
    assert "published to everybody" in mark("publish", TARGET, "--yes").stdout
    mark("export", TARGET, "-o", "all.csv")
    rows = list(csv.DictReader((private_home / "all.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [each["points"] for each in rows] == ["19.50", "", "", ""]

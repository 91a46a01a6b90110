"""`gradus exam` against the running app: set up, looked at, and what is done while it runs."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from typer.testing import Result

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cli.exits import ExitCode
from server.courses.models import Role
from server.database import current_time


@pytest.fixture
def exam(
    gradus: Callable[..., Result],
    sign_in: Callable[[User], None],
    make_member: Callable[..., User],
    make_assignment: Callable[..., Assignment],
    student: User,
) -> Callable[..., Result]:
    """As an instructor of the course."""
    make_assignment(slug="mixed")
    sign_in(make_member("ines", Role.instructor))
    return lambda *words: gradus("exam", *words)


def test_an_exam_is_made_shown_and_its_early_opening_confirmed(exam: Callable[..., Result], session: Session) -> None:
    opens = (current_time(session) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    closes = (current_time(session) + timedelta(days=2, hours=3)).strftime("%Y-%m-%dT%H:%M")
    made = exam("set", "dl-2026/mixed", "--minutes", "90", "--opens", opens, "--closes", closes, "--network", "10.0.0.0/8")
    assert made.exit_code == 0 and "90 min" in made.stdout and "10.0.0.0/8" in made.stdout
    looked = exam("set", "dl-2026/mixed", "--opens", "2020-01-01T00:00", "--dry-run")
    assert "nothing was changed" in looked.stdout and "read the questions earlier" in looked.stdout
    refused = exam("set", "dl-2026/mixed", "--opens", "2020-01-01T00:00")
    assert refused.exit_code is ExitCode.refused and "add --confirm" in refused.stderr
    assert exam("set", "dl-2026/mixed", "--opens", "2020-01-01T00:00", "--confirm").exit_code == 0
    assert json.loads(exam("show", "dl-2026/mixed", "--json").stdout)["version"] == 2
    assert "mixed" in exam("list", "dl-2026").stdout


def test_time_is_given_and_taken_back_and_something_is_said(exam: Callable[..., Result]) -> None:
    assert exam("set", "dl-2026/mixed", "--minutes", "90", "--confirm").exit_code == 0
    assert exam("grant", "dl-2026/mixed", "ada", "--reason", "x").exit_code is ExitCode.usage
    given = exam("grant", "dl-2026/mixed", "ada", "--minutes", "10", "--reason", "pen broke", "--json")
    id = json.loads(given.stdout)["grants"]["ada"]
    assert exam("take-back", "dl-2026/mixed", str(id), "--reason", "no").exit_code == 0
    assert exam("say", "dl-2026/mixed", "--en", "Hello", "--zh", "你好").exit_code == 0
    assert "ada" in exam("live", "dl-2026/mixed").stdout
    assert exam("missed", "dl-2026/mixed").stdout.startswith("Nothing was missed")
    assert exam("missed", "dl-2026/mixed", "--count", "1", "--dismiss", "1").exit_code is ExitCode.usage
    assert exam("missed", "dl-2026/mixed", "--dismiss", "1", "--reason", "x").exit_code is ExitCode.refused
    assert exam("hand-in", "dl-2026/mixed", "ada", "--reason", "x").exit_code is ExitCode.refused

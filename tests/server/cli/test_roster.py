"""`gradus roster` against the running app."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from server.accounts.models import User
from server.cli.exits import ExitCode
from server.courses.models import Role

Run = Callable[..., Result]


@pytest.fixture
def zhou(make_member: Callable[..., User], sign_in: Callable[[User], None]) -> User:
    zhou = make_member("zhou", Role.instructor)
    sign_in(zhou)
    return zhou


def test_a_file_is_looked_at_imported_listed_and_invited(gradus: Run, zhou: User) -> None:
    Path("class.csv").write_text("学号,姓名,手机\n7,林晓,138\n8,马腾,139\n", encoding="gb18030")
    dry = gradus("roster", "import", "class.csv", "--dry-run")
    assert "手机" in dry.stdout and "+ 林晓 7" in dry.stdout and "dry run" in dry.stdout
    assert json.loads(gradus("roster", "list", "--json").stdout)[0]["login"] == "zhou"
    done = json.loads(gradus("roster", "import", "class.csv", "--section", "一班", "--json").stdout)
    assert done["applied"]["new"] == 2
    assert "一班" in gradus("roster", "list").stdout
    links = list(csv.DictReader(io.StringIO(gradus("roster", "invite").stdout)))
    assert [link["login"] for link in links] == ["7", "8"]
    assert "/invitations/" in links[0]["address"]


def test_faults_are_listed_and_nothing_is_done_unless_the_good_lines_are_wanted(gradus: Run, zhou: User) -> None:
    Path("class.csv").write_text("学号,姓名\n7,林晓\n,马腾\n", encoding="utf-8")
    refused = gradus("roster", "import", "class.csv")
    assert refused.exit_code == ExitCode.ungradable
    assert "line 3, 学号" in refused.stdout and "--good-lines" in refused.stdout
    assert "new 1" in gradus("roster", "import", "class.csv", "--good-lines").stdout


def test_somebody_is_added_withdrawn_and_taken_back(gradus: Run, zhou: User) -> None:
    assert "7 is in the course" in gradus("roster", "add", "林晓", "--number", "7").stdout
    assert "7 has withdrawn" in gradus("roster", "withdraw", "7", "--reason", "transferred").stdout
    assert "林晓" in gradus("roster", "list", "--withdrawn").stdout
    assert "again" in gradus("roster", "take-back", "7").stdout
    missing = gradus("roster", "withdraw", "nobody")
    assert missing.exit_code == ExitCode.refused


def test_signing_up_by_code_is_switched_on_shown_and_off(gradus: Run, zhou: User) -> None:
    assert "Nobody signs up alone" in gradus("roster", "join-code").stdout
    made = json.loads(gradus("roster", "join-code", "on", "--ask-section", "--json").stdout)
    assert made["code"] in gradus("roster", "join-code").stdout
    assert "Nobody signs up alone" in gradus("roster", "join-code", "off").stdout
    assert gradus("roster", "join-code", "perhaps").exit_code == ExitCode.usage

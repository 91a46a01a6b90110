"""`gradus check` on a student's own machine."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from grader.bundle import build_bundle
from grader.cli import app
from grader.sandbox.base import GraderFailure
from grader.spec import Assignment, load_assignment


@pytest.fixture
def pulled(tiny: Assignment, tmp_path: Path) -> Path:
    for name, data in build_bundle(tiny).items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


@pytest.mark.sandbox
def test_a_right_file_passes_every_public_check(pulled: Path, tiny: Assignment) -> None:
    (pulled / "solution.py").write_text(tiny.reference_source)
    result = check(pulled / "solution.py", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["score"], report["max_score"]) == (0, 50.0, 50.0)


@pytest.mark.sandbox
def test_a_wrong_file_is_told_what_and_where(pulled: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    mine = tmp_path_factory.mktemp("elsewhere") / "mine.py"
    mine.write_text("def double(x):\n    return 3 * x\n")
    result = check(mine, "--assignment", pulled)
    assert result.exit_code == 0
    assert "is off by up to" in result.stdout and "`squares` is not written yet" in result.stdout
    assert "tiny · 0 / 50" in result.stdout


def test_without_bubblewrap_there_is_a_visible_note(pulled: Path, tiny: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise GraderFailure("no bubblewrap here")

    monkeypatch.setattr("grader.sandbox.open_sandbox", fail)
    (pulled / "solution.py").write_text(tiny.reference_source)
    result = check(pulled / "solution.py", "--json")
    assert json.loads(result.stdout)["environment"]["sandbox"] == "fake"
    assert "No bubblewrap on this machine" in result.stderr.replace("\n", " ")


def test_a_folder_without_public_checks_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("x = 1")
    result = check(tmp_path / "solution.py")
    assert result.exit_code == 2
    assert "gradus pull" in result.stderr


def test_a_file_in_the_pulled_folder_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "gradus pull" in check("solution.py").stderr
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny/solution.py").write_text("x = 1")
    result = check("solution.py")
    assert (result.exit_code, "Did you mean tiny/solution.py?" in result.stderr) == (2, True)


def test_a_table_is_not_looked_at_here(by_table: Path, tmp_path: Path) -> None:
    (tmp_path / "sample.csv").write_bytes(build_bundle(load_assignment(by_table))["sample.csv"])
    result = check(tmp_path / "sample.csv")
    assert result.exit_code == 2 and "gradus submit" in result.stderr

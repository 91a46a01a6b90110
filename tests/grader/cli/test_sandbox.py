"""`gradus sandbox …`: what is printed, and how a command ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cli.sandbox import app
from grader.preflight import Finding, Level
from grader.sandbox.docker import build, check
from grader.sandbox.docker.engine import Found, LocalEngine

run = CliRunner()


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing")


def findings(*levels: Level) -> Any:
    return lambda options: iter([Finding(level, level, "seen", "remedy") for level in levels])


def test_a_machine_that_could_be_better_is_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "check", findings(Level.ok, Level.warn))
    done = run.invoke(app, ["check"])
    assert done.exit_code == 0
    assert "remedy" in done.stdout


def test_one_wall_that_does_not_hold_ends_the_check_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "check", findings(Level.ok, Level.unsafe))
    done = run.invoke(app, ["check", "--json"])
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert answer["safe"] is False
    assert answer["findings"][1] == {"name": "unsafe", "level": "unsafe", "seen": "seen", "fix": "remedy"}


@pytest.mark.usefixtures("no_engine")
def test_without_an_engine_nothing_is_built_and_the_next_step_is_named() -> None:
    done = run.invoke(app, ["build"])
    assert done.exit_code == 3
    assert "gradus sandbox check" in done.stderr


def test_a_variant_that_does_not_exist_is_a_mistake_of_the_caller() -> None:
    done = run.invoke(app, ["build", "--variant", "rocm"])
    assert done.exit_code == 2
    assert "cpu or cuda" in done.stderr


def test_an_image_that_is_up_to_date_is_not_built_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox.docker.engine.connect", lambda seconds: object())
    monkeypatch.setattr(build, "is_current", lambda api, variant, name: (variant, name) == ("cpu", "mine:1"))
    done = run.invoke(app, ["build", "--tag", "mine:1"])
    assert (done.exit_code, done.stdout) == (0, "mine:1 is up to date\n")


def test_a_prompt_without_a_terminal_is_refused() -> None:
    done = run.invoke(app, ["shell"])
    assert done.exit_code == 2
    assert "terminal" in done.stderr


@pytest.mark.usefixtures("no_engine")
def test_without_an_engine_there_are_still_folders_to_reap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = run.invoke(app, ["reap"])
    assert (done.exit_code, done.stdout) == (0, "nothing to remove\n")


def test_what_was_reaped_is_listed_with_its_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    late = Found(id="0123456789abcdef", owner="elsewhere:1:1", deadline=1, created=1, state="running")
    monkeypatch.setattr("grader.sandbox.docker.engine.find_local", LocalEngine)
    monkeypatch.setattr(LocalEngine, "containers", lambda self: [late])
    monkeypatch.setattr(LocalEngine, "remove", lambda self, container: True)
    assert run.invoke(app, ["reap"]).stdout == "container 0123456789ab: past its deadline\n"

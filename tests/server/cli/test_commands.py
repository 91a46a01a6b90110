"""What holds for all commands."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from typer.testing import Result

from server.cli.exits import ExitCode, Problem
from server.cli.terminal import language

Run = Callable[..., Result]
COMMANDS = [
    "login",
    "pull",
    "check",
    "submit",
    "status",
    "choose",
    "leaderboard",
    "team",
    "grade",
    "verify",
    "up",
    "demo",
    "doctor",
    "admin",
]
HEAVY = {"torch", "sqlalchemy", "fastapi", "celery", "httpx", "numpy", "nbformat"}


def test_help_lists_every_command_and_the_exit_codes(gradus: Run) -> None:
    text = gradus("--help").stdout
    assert [name for name in COMMANDS if f" {name} " not in text] == []
    assert "Exit codes: 0 done" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(gradus: Run, name: str) -> None:
    assert gradus(name, "--help").exit_code == 0


def test_help_starts_without_what_is_slow_to_import() -> None:
    code = "import sys, server.cli; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY.intersection(loaded) == set()


def test_an_unknown_option_is_a_usage_error(gradus: Run) -> None:
    assert gradus("up", "--prot", "1").exit_code == ExitCode.usage


def test_there_is_no_colour_where_nobody_looks() -> None:
    environment = {**os.environ, "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "server.cli", "login", "ftp://x"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == ExitCode.usage
    assert "\x1b" not in done.stderr and done.stderr.startswith("✗")


def test_a_problem_says_what_why_and_what_next() -> None:
    problem = Problem("It broke.", why="no disk", next_step="buy one")
    assert (str(problem), problem.why, problem.next_step, problem.code) == ("It broke.", "no disk", "buy one", 3)


@pytest.mark.parametrize(("locale", "expected"), [("zh_CN.UTF-8", "zh"), ("en_GB.UTF-8", "en"), ("C", "en"), ("", "en")])
def test_feedback_follows_the_locale(monkeypatch: pytest.MonkeyPatch, locale: str, expected: str) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.delenv("LANG", raising=False)
    assert language() == expected

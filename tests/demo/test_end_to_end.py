"""The demo from nothing to its last score, and again."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from server.demo.cast import PEOPLE, TABLE

pytestmark = [pytest.mark.sandbox, pytest.mark.long, pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gradus-demo-"))
    folder.chmod(0o711)  # PostgreSQL's account has to pass through
    yield folder
    shutil.rmtree(folder)


def run_demo(data: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GRADUS_DATA": str(data), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "server.cli", "demo", "--exit"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def first(data: Path) -> subprocess.CompletedProcess[str]:
    return run_demo(data)


def test_every_score_is_the_expected_one(first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0, first.stderr
    assert first.stderr.count("✓ graded") == len(TABLE)


def test_it_shows_reasons_ranking_and_logins(first: subprocess.CompletedProcess[str]) -> None:
    assert "−" in first.stdout and "rank" in first.stdout and "password" in first.stdout
    assert [person.login for person in PEOPLE if person.login not in first.stdout] == []


@pytest.mark.thorough
def test_a_second_run_grades_nothing_again(first: subprocess.CompletedProcess[str], data: Path) -> None:
    second = run_demo(data)
    assert second.returncode == 0, second.stderr
    assert second.stderr.count("graded before, by the same code") == len(TABLE)


def test_nothing_is_left_running(first: subprocess.CompletedProcess[str], data: Path) -> None:
    assert [process.pid for process in psutil.process_iter() if any(str(data) in part for part in cmdline(process))] == []


def cmdline(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []

"""`gradus sandbox serve` as a program. What it grants and refuses is in tests/grader/sandbox/docker/test_service.py."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox.base import GraderFailure
from grader.sandbox.docker.remote import RemoteEngine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runner.sock"


@pytest.fixture
def program(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Pointed at an engine that is not there, so that nothing is started or reaped on this machine."""
    environment = {**os.environ, "DOCKER_HOST": f"unix://{path.parent}/no-engine.sock"}
    program = subprocess.Popen([sys.executable, "-m", "server.cli", "sandbox", "serve", "--socket", str(path)], env=environment)
    yield program
    program.kill()
    program.wait()


def wait_for(path: Path) -> RemoteEngine:
    engine = RemoteEngine(path)
    for _ in range(200):
        try:
            engine.ping()
            return engine
        except GraderFailure:
            time.sleep(0.05)
    raise AssertionError("the service did not come up")


def test_it_answers_and_ends_when_told_to(program: subprocess.Popen[bytes], path: Path) -> None:
    wait_for(path)
    program.send_signal(signal.SIGTERM)
    assert program.wait(10) == 0


def test_an_engine_that_is_not_there_is_an_answer_and_no_end(program: subprocess.Popen[bytes], path: Path) -> None:
    engine = wait_for(path)
    with pytest.raises(GraderFailure, match="Docker engine"):
        engine.digest()
    engine.ping()


def test_its_health_check_says_whether_it_answers(program: subprocess.Popen[bytes], path: Path) -> None:
    wait_for(path)
    ask = [sys.executable, "-m", "grader.sandbox.docker.remote"]
    assert subprocess.run([*ask, str(path)], check=False).returncode == 0
    assert subprocess.run([*ask, str(path.with_name("nobody"))], check=False, capture_output=True).returncode == 1


def test_the_gpus_of_a_setting_may_be_asked_for_and_no_others(
    path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("GRADUS_SANDBOX_DEVICES", "GPU-0000, GPU-0001")
    request.getfixturevalue("program")
    engine = wait_for(path)
    with pytest.raises(GraderFailure, match="Docker engine"):  # it got as far as that
        engine.digest("GPU-0001")
    with pytest.raises(GraderFailure, match="not one of this service's"):
        engine.digest("GPU-0002")


def test_a_number_is_no_name_of_a_gpu(path: Path) -> None:
    command = [sys.executable, "-m", "server.cli", "sandbox", "serve", "--socket", str(path)]
    environment = {**os.environ, "GRADUS_SANDBOX_DEVICES": "0,1"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 2 and "nvidia-smi -L" in ended.stderr


def test_it_looks_at_the_engine_when_it_starts(program: subprocess.Popen[bytes], path: Path) -> None:
    outcome = wait_for(path).safety()
    assert (outcome.level, outcome.names) == ("unsafe", ("engine",))

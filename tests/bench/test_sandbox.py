"""What the benchmark measures against can be started at all."""

import subprocess

import pytest

from bench.sandbox import REPOSITORY, cold_python
from grader.sandbox.docker.engine import LocalEngine
from tests.grader.sandbox.docker.conftest import engine

__all__ = ["engine"]


@pytest.mark.docker
def test_a_cold_container_starts_and_finds_the_judge(engine: LocalEngine) -> None:
    command = cold_python()
    assert command[0] == "docker"
    done = subprocess.run([*command, "-c", "import bench.overhead"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

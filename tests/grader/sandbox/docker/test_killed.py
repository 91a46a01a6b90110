"""A container that somebody kills while it judges, on the real engine."""

import os
import threading

import pytest

from grader.sandbox.base import GraderFailure, Limits, Sandbox
from grader.sandbox.docker.engine import LocalEngine
from tests.grader.sandbox.conftest import call, load, opened_or_skipped

SOURCE = b"""
import time
def sleep(seconds):
    time.sleep(seconds)
    return seconds
"""

pytestmark = pytest.mark.docker


def kill_all_of_ours(engine: LocalEngine) -> None:
    for container in engine.containers():
        if container.owner.split(":")[1:2] == [str(os.getpid())]:
            engine.api().kill(container.id)


def test_docker_kill_in_the_middle_of_a_request_is_never_the_students_fault(engine: LocalEngine) -> None:
    sandbox: Sandbox = opened_or_skipped("docker", "fork")
    try:
        with pytest.raises(GraderFailure, match="lost"), sandbox.open(Limits()) as box:
            load(box, SOURCE)
            threading.Timer(0.3, kill_all_of_ours, [engine]).start()
            call(box, "sleep", 20, seconds=20)
        with sandbox.open(Limits()) as box:
            load(box, SOURCE)
            assert call(box, "sleep", 0)["value"] == 0
    finally:
        sandbox.close()

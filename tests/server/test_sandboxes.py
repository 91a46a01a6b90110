"""Clean-up as the platform has it done: by a worker, every half minute, whatever the engine says."""

import logging

import pytest

from grader.sandbox.base import GraderFailure
from grader.sandbox.reaper import Reaped
from server import sandboxes
from server.broker import MAINTENANCE, REAP, celery


def test_the_clock_sends_it_to_the_workers_that_do_maintenance() -> None:
    entry = celery.conf.beat_schedule["clean_up"]
    assert entry["task"] == REAP == sandboxes.clean_up.name
    assert entry["schedule"] <= 30
    assert entry["options"]["queue"] == MAINTENANCE


def test_what_was_removed_is_in_the_log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(sandboxes, "reap", lambda engine: Reaped({"0123456789abcdef": "its owner is gone"}, []))
    with caplog.at_level(logging.INFO):
        sandboxes.clean_up()
    assert "Removed container 0123456789ab: its owner is gone" in caplog.text


def test_an_engine_that_does_not_answer_keeps_no_worker_from_starting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(engine: object) -> Reaped:
        raise GraderFailure("the engine is paused")

    monkeypatch.setattr(sandboxes, "reap", fail)
    sandboxes.clean_up()
    assert "the engine is paused" in caplog.text

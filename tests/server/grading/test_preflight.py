"""What a worker asks before it grades: each wrong fact is reported, kept for /metrics, and keeps the worker from starting."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from fastapi.testclient import TestClient
from redis.backoff import NoBackoff
from redis.retry import Retry

import server.worker
from grader.preflight import Finding, Level, walls
from grader.sandbox.base import GraderFailure, Isolation
from grader.sandbox.fake import FakeSandbox
from server.grading import preflight, tasks
from server.settings import Settings

GOOD = Finding("network", Level.ok, "no route out")
WARNED = Finding("swap", Level.warn, "512 MiB", "swapoff -a")
UNSAFE = Finding("network", Level.unsafe, "a route to 192.0.2.1", "stop grading")
LONG = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.mark.parametrize(
    ("value", "level", "said"),
    [
        ("short", Level.unsafe, "only 5 characters"),
        ("x" * 40, Level.unsafe, "can be guessed"),
        ("changeme-changeme-changeme-change", Level.unsafe, "can be guessed"),
        (LONG, Level.ok, "set by GRADUS_SECRET"),
    ],
)
def test_a_secret_that_can_be_guessed_is_unsafe(value: str, level: Level, said: str) -> None:
    found = preflight.secret(Settings(secret=value))
    assert found.level is level and said in found.seen
    assert value not in found.seen


def test_a_secret_that_others_may_read_is_unsafe(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, secret=None)
    assert preflight.secret(settings).ok
    assert settings.secret_key
    assert preflight.secret(settings).ok
    (tmp_path / "secret").chmod(0o644)
    assert preflight.secret(settings).level is Level.unsafe


def test_the_clock_is_compared_with_the_databases(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert preflight.clock(settings).ok
    ours = preflight.time.time
    monkeypatch.setattr(preflight.time, "time", lambda: ours() - 90)
    found = preflight.clock(settings)
    assert found.level is Level.warn and found.seen.startswith(("+90", "+89"))


def test_a_database_that_is_away_is_a_warning() -> None:
    found = preflight.clock(Settings(database_url="postgresql://nobody@127.0.0.1:1/none"))
    assert found.level is Level.warn and "does not answer" in found.seen


def test_no_sandbox_is_unsafe(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise GraderFailure("no engine answers")

    monkeypatch.setattr("grader.sandbox.open_sandbox", refuse)
    *_, found = preflight.preflight_of_machine(settings)
    assert (found.name, found.level, found.seen) == ("sandbox", Level.unsafe, "no engine answers")


def test_what_is_wrong_is_logged_and_shown_to_operators(
    app_client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client: redis.Redis = app_client.app.state.redis
    monkeypatch.setattr(preflight.socket, "gethostname", lambda: "rack-7")
    assert preflight.tell([GOOD, WARNED], client) is True
    assert 'gradus_preflight_ok{host="rack-7"} 1.0' in app_client.get("/metrics").text
    assert preflight.tell([WARNED, UNSAFE], client) is False
    assert 'gradus_preflight_ok{host="rack-7"} 0.0' in app_client.get("/metrics").text
    logged = [(record.levelname, record.message) for record in caplog.records]
    assert ("ERROR", "preflight: unsafe: network: a route to 192.0.2.1; stop grading") in logged
    assert ("WARNING", "preflight: warn: swap: 512 MiB; swapoff -a") in logged
    client.delete(preflight.KEY + "rack-7")


def test_a_worker_is_ready_only_by_what_it_found_since_it_was_started(app_client: TestClient) -> None:
    client, before = app_client.app.state.redis, time.time()
    client.delete(preflight.KEY + socket.gethostname())
    assert not preflight.has_found_safe(client, since=before)
    preflight.tell([UNSAFE], client)
    assert not preflight.has_found_safe(client, since=before)
    preflight.tell([GOOD, WARNED], client)
    assert preflight.has_found_safe(client, since=before)
    assert not preflight.has_found_safe(client, since=time.time() + 1)


def test_without_redis_the_outcome_still_counts() -> None:
    away = redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
    assert preflight.tell([UNSAFE], away) is False
    assert preflight.outcomes(away) == {}
    assert not preflight.has_found_safe(away, since=0.0)


@pytest.fixture
def signals(monkeypatch: pytest.MonkeyPatch, app_client: TestClient) -> list[tuple[int, int]]:
    """What the worker's process would send to the one that started it."""
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(tasks, "redis_client", lambda: app_client.app.state.redis)
    monkeypatch.setattr("server.grading.judging.sandbox_for", lambda *_: FakeSandbox())
    monkeypatch.setattr(server.worker.os, "kill", lambda *what: sent.append(what))
    return sent


def test_a_worker_ends_where_grading_is_unsafe(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, signals: list[tuple[int, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(preflight, "preflight", lambda *_: iter([GOOD, WARNED]))
    server.worker.refuse_unsafe(settings)
    assert signals == []
    monkeypatch.setattr(preflight, "preflight", lambda *_: iter([GOOD, UNSAFE]))
    server.worker.refuse_unsafe(settings)
    assert signals == [(os.getppid(), signal.SIGKILL)]
    said = capsys.readouterr().err
    assert "a route to 192.0.2.1" in said and "it would be unsafe" in said


def test_a_question_that_breaks_ends_the_worker_too(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, signals: list[tuple[int, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(preflight, "preflight", lambda *_: [1 / 0])
    server.worker.refuse_unsafe(settings)
    assert len(signals) == 1 and "ZeroDivisionError" in capsys.readouterr().err


def test_every_kind_of_sandbox_that_is_kept_warm_is_looked_into(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exam is graded in `fresh`: what holds in `fork` says nothing of it."""
    both = settings.model_copy(update={"warm_isolations": list(Isolation)})

    def look(sandbox: FakeSandbox, secrets: object = ()) -> Iterator[Finding]:
        yield replace(GOOD, seen=sandbox.isolation)

    monkeypatch.setattr(walls, "inside_walls", look)
    found = list(preflight.preflight(both, FakeSandbox))
    assert [each.seen for each in found if each.name == GOOD.name] == ["fork", "fresh"]
    assert len([each for each in found if each.name == "disk"]) == 1


@pytest.mark.sandbox
@pytest.mark.thorough
def test_a_real_worker_ends_with_its_reason(platform) -> None:
    command = [sys.executable, "-m", "celery", "--app", "server.worker", "worker", "--concurrency", "1"]
    environment = {**platform.environment(), "GRADUS_SECRET": "short"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert "preflight: unsafe: secret: GRADUS_SECRET has only 5 characters" in ended.stderr


@pytest.mark.long
@pytest.mark.sandbox
def test_the_hourly_look_uses_the_workers_own_sandbox(
    app_client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.grading import judging

    safe = settings.model_copy(update={"secret": Settings(secret=LONG).secret})
    monkeypatch.setattr(tasks, "get_settings", lambda: safe)
    monkeypatch.setattr(tasks, "redis_client", lambda: app_client.app.state.redis)
    try:
        assert tasks.check_walls() is True
        assert set(preflight.outcomes(app_client.app.state.redis).values()) == {True}
    finally:
        judging.close_sandboxes()

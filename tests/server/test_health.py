"""What operators look at."""

from collections.abc import Callable

import pytest
import redis
from fastapi.testclient import TestClient
from redis.backoff import NoBackoff
from redis.retry import Retry

from server.accounts.models import User
from server.assignments.models import Assignment
from server.models import Submission


def test_alive_and_ready(app_client: TestClient) -> None:
    assert app_client.get("/healthz").json() == {"status": "ok"}
    assert app_client.get("/readyz").json() == {"status": "ready", "database": True, "broker": True}


def test_not_ready_without_the_broker(app_client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_client.app.state, "redis", redis.Redis(port=1, retry=Retry(NoBackoff(), 0)))
    answer = app_client.get("/readyz")
    assert (answer.status_code, answer.json()["broker"]) == (503, False)


def test_numbers_tell_what_waits(
    app_client: TestClient, hand_in: Callable[..., Submission], assignment: Assignment, student: User
) -> None:
    hand_in(assignment, student)
    numbers = app_client.get("/metrics").text
    waiting = [line for line in numbers.splitlines() if line.startswith('gradus_jobs{queue="cpu"') and line.endswith(" 1.0")]
    assert len(waiting) == 1
    assert 'gradus_oldest_queued_seconds{queue="gpu"} 0.0' in numbers
    assert student.login not in numbers

"""An exam that opens in a day, its instructor, and a rehearsal of it."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

from server.accounts.models import User
from server.app import create_app
from server.courses.models import Role
from server.exams.models import Exam
from server.settings import Settings
from tests.server.cli.conftest import gradus, private_home, sign_in  # noqa: F401  (the same commands)
from tests.server.exams.conftest import ROOM, make_exam  # noqa: F401

REHEARSALS = f"{ROOM}/rehearsals"


@pytest.fixture
def exam(make_exam: Callable[..., Exam]) -> Exam:  # noqa: F811
    return make_exam(opens_in_s=86_400, closes_in_s=93_600, check_limit=1, fair_wait_s=600)


@pytest.fixture
def instructor(make_member: Callable[..., User]) -> User:
    return make_member("ines", Role.instructor)


@pytest.fixture
def teacher(client_as: Callable[[User], TestClient], instructor: User, exam: Exam) -> TestClient:
    return client_as(instructor)


@pytest.fixture
def begin(teacher: TestClient) -> Callable[..., dict[str, Any]]:
    def begin(students: int = 2, seconds: int = 60) -> dict[str, Any]:
        answer = teacher.post(REHEARSALS, json={"students": students, "seconds": seconds})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return begin


@pytest.fixture
def serve() -> Iterator[Callable[[Settings], str]]:
    """The app behind a real port; its address."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def serve(settings: Settings) -> str:
        server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    yield serve
    for server, thread in running:
        server.should_exit = True
        thread.join()

"""A simulated student on a line that is cut: what got no answer is sent again, and nothing is called lost that is there."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.exams.models import SavedAnswer, Sitting
from server.rehearsals import student as simulated
from server.rehearsals.records import Log
from server.rehearsals.student import Kind, Script, Student
from server.submissions.models import Submission

STEADY = Script(Kind.steady, 0.0, 3.0, 6.0, 0.4, (), (1.0, 1.5))
Play = Callable[..., Student]


class CutsAnswersOff(httpx.AsyncBaseTransport):
    """Lets the first saves arrive, and drops what comes back."""

    def __init__(self, app: Any, times: int) -> None:
        self.real, self.left = httpx.ASGITransport(app), times

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.real.handle_async_request(request)
        if request.method == "PUT" and self.left:
            self.left -= 1
            raise httpx.ReadError("connection reset by peer")
        return answer


@pytest.fixture
def play(app_client: TestClient, begin: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Play:
    def play(script: Script, *, cut: int = 0) -> Student:
        transport = CutsAnswersOff(app_client.app, cut)
        monkeypatch.setattr(simulated, "connect", lambda url: httpx.AsyncClient(base_url=url, transport=transport, timeout=30))
        begun = begin(students=1, seconds=60)
        room = f"/courses/{begun['id']}/exams/{begun['exam']}"
        student = Student("http://gradus.test", room, begun["students"][0], script, Log(), seed=1)
        asyncio.run(student.sit(time.monotonic()))
        return student

    return play


def test_what_got_no_answer_is_sent_again_and_handed_in(play: Play, session: Session) -> None:
    student = play(STEADY, cut=2)
    assert student.log.errors == {("PUT answers", "ReadError"): 2}
    saved = {each.field: each.value for each in session.scalars(select(SavedAnswer))}
    assert student.written.count >= 5 and student.written.lost(saved) == []
    sitting = session.scalars(select(Sitting)).one()
    assert student.written.receipt == session.get_one(Submission, sitting.submission_id).sha256
    assert {"file:solution.py", "question:sketch"} <= set(saved) and sitting.left_out == {}


def test_a_save_that_was_not_kept_is_called_lost(play: Play, session: Session) -> None:
    student = play(STEADY)
    assert student.log.errors == {}
    saved = {each.field: each.value for each in session.scalars(select(SavedAnswer))}
    field = next(iter(student.written.acknowledged))
    assert student.written.lost(saved | {field: "something else"}) == [field]

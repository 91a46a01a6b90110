"""An exam that is open, students, and one of them at a tab."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment, Counts
from server.courses.models import Role
from server.database import current_time
from server.exams.models import Exam, Sitting

COURSE = "dl-2026"
ROOM = f"/api/v1/courses/{COURSE}/exams/mixed"


class Tab:
    """A tab of a browser in an exam, over HTTP."""

    def __init__(self, client: TestClient, *, agent: str = "Firefox of the room", room: str = ROOM) -> None:
        self.client, self.agent, self.room = client, agent, room
        self.versions: dict[str, int] = {}
        self.key = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Exam-Place": self.key, "User-Agent": self.agent}

    def start(self, **wanted: Any) -> Any:
        answer = self.client.post(f"{self.room}/start", json={"accepts_honour": True, **wanted}, headers=self.headers)
        return self._entered(answer, lambda body: body["place"])

    def enter(self) -> Any:
        return self._entered(self.client.post(f"{self.room}/place", headers=self.headers), lambda body: body)

    def _entered(self, answer: Any, place: Callable[[Any], Any]) -> Any:
        if answer.status_code == 201:
            self.key = place(answer.json())["key"]
        return answer

    def get(self, what: str) -> Any:
        return self.client.get(f"{self.room}/{what}", headers=self.headers)

    def post(self, what: str, **options: Any) -> Any:
        return self.client.post(f"{self.room}/{what}", headers=self.headers, **options)

    def body(self, **answers: Any) -> dict[str, Any]:
        """Of questions by id; of the file, `code`."""
        named = {"file:solution.py" if name == "code" else f"question:{name}": value for name, value in answers.items()}
        return {"answers": {name: {"value": value, "version": self.versions.get(name, 0)} for name, value in named.items()}}

    def save(self, flags: list[str] | None = None, **answers: Any) -> Any:
        answer = self.client.put(f"{self.room}/answers", json=self.body(**answers) | {"flags": flags}, headers=self.headers)
        if answer.status_code == 200:
            self.versions |= answer.json()["versions"]
        return answer

    def hand_in(self) -> Any:
        return self.post("hand-in")


@pytest.fixture
def make_exam(make_assignment: Callable[..., Assignment], session: Session) -> Callable[..., Exam]:
    def make(
        *, opens_in_s: float = -3600, closes_in_s: float = 7200, minutes: int = 60, slug: str = "mixed", **fields: Any
    ) -> Exam:
        now = current_time(session)
        opens_at, closes_at = now + timedelta(seconds=opens_in_s), now + timedelta(seconds=closes_in_s)
        dates = {"opens_at": opens_at, "due_at": closes_at, "closes_at": closes_at}
        assignment = make_assignment(slug=slug, counts=Counts.latest, **dates)
        assignment.is_exam = True
        exam = Exam(assignment=assignment, minutes=minutes, **fields)
        session.add(exam)
        session.commit()
        return exam

    return make


@pytest.fixture
def exam(make_exam: Callable[..., Exam]) -> Exam:
    return make_exam()


@pytest.fixture
def tab(client_as: Callable[[User], TestClient], student: User) -> Callable[..., Tab]:
    """Of the student, or of somebody else; not started yet."""
    return lambda user=None, **options: Tab(client_as(user or student), **options)


@pytest.fixture
def invigilator(make_member: Callable[..., User]) -> User:
    return make_member("grace", Role.ta)


@pytest.fixture
def shift(session: Session) -> Callable[..., None]:
    """As if a sitting had begun earlier by so much."""

    def shift(by: timedelta, *, student: User | None = None) -> None:
        moved = update(Sitting).values(started_at=Sitting.started_at - by)
        session.execute(moved.where(Sitting.student_id == student.id) if student else moved)
        session.commit()

    return shift


@pytest.fixture
def ends_in(session: Session) -> Callable[[float], datetime]:
    """Move every sitting so that it ends in so many seconds from now."""

    def ends_in(seconds: float) -> datetime:
        end = current_time(session) + timedelta(seconds=seconds)
        for sitting in session.query(Sitting):
            sitting.started_at = end - timedelta(seconds=sitting.working_s)
            sitting.closes_at = max(sitting.closes_at, end)
        session.commit()
        return end

    return ends_in

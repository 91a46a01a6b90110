"""Two students whose works are alike, two of the staff, and a pair to open a case from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.database import current_time
from server.models import Comparison, ComparisonState, SimilarPair, Submission
from tests.server.web.conftest import visit  # noqa: F401  (somebody at a browser)

CASES = "/api/v1/courses/dl-2026/cases"
SIMILARITY = 0.8765
ADAS = "# ada's own words\ndef double(x):\n    return x + x  # CANARY-ADA\n"
BOBS = "# bob's own words\ndef double(y):\n    return y + y  # CANARY-BOB\n"
EVIDENCE = {
    "parts": [
        {
            "left": {"file": "solution.py", "name": "double", "first": 2, "last": 3},
            "right": {"file": "solution.py", "name": "double", "first": 2, "last": 3},
            "shared": 9,
            "few": 8,
            "unique": 7,
        }
    ],
    "matches": [],
    "texts": [],
    "left": {"solution.py": ["nothing", "common", "unique"]},
    "right": {"solution.py": ["nothing", "rare", "unique"]},
}


@dataclass(frozen=True)
class Cast:
    ada: User
    bob: User
    eve: User  # another student
    tia: User  # a TA
    ivo: User  # the instructor


@pytest.fixture
def cast(make_member: Callable[..., User]) -> Cast:
    return Cast(
        *(make_member(login) for login in ("ada", "bob", "eve")), make_member("tia", Role.ta), make_member("ivo", Role.instructor)
    )


@pytest.fixture
def make_pair(session: Session) -> Callable[..., SimilarPair]:
    def make_pair(left: Submission, right: Submission, **fields: Any) -> SimilarPair:
        done = {"state": ComparisonState.done, "finished_at": current_time(session)}
        comparison = Comparison(assignment_id=left.assignment_id, **done)
        known = {
            "similarity": SIMILARITY,
            "evidence": EVIDENCE,
            "facts": [{"kind": "other_assignments", "assignments": ["CANARY-FACT"]}],
        }
        pair = SimilarPair(comparison=comparison, left=left, right=right, **(known | fields))
        session.add_all([comparison, pair])
        session.commit()
        return pair

    return make_pair


@pytest.fixture
def pair(
    assignment: Assignment, cast: Cast, hand_in: Callable[..., Submission], grade: Callable[..., object],
    make_pair: Callable[..., SimilarPair],
) -> SimilarPair:  # fmt: skip
    """Both have 80 points."""
    works = hand_in(assignment, cast.ada, ADAS), hand_in(assignment, cast.bob, BOBS)
    for work in works:
        grade(work, 80)
    return make_pair(*works)


class Office:
    """What staff do to one case, over the API."""

    def __init__(self, client_as: Callable[[User], TestClient], cast: Cast, case: dict[str, Any]) -> None:
        self.client_as, self.cast, self.id = client_as, cast, case["id"]
        self.clients: dict[str, TestClient] = {}

    def client(self, who: str) -> TestClient:
        if who not in self.clients:
            self.clients[who] = self.client_as(getattr(self.cast, who))
        return self.clients[who]

    def show(self, who: str = "tia", **query: Any) -> dict[str, Any]:
        return self.client(who).get(f"{CASES}/{self.id}", params=query).json()

    def party(self, login: str) -> dict[str, Any]:
        return next(party for party in self.show()["parties"] if party["login"] == login)

    def do(self, verb: str, login: str, who: str = "tia", **fields: Any):
        party = self.party(login)
        body = {"version": party["version"], **fields}
        return self.client(who).post(f"{CASES}/{self.id}/parties/{party['id']}/{verb}", json=body)

    def tell(self, login: str, until: datetime, message: str = "Please tell us how this came about."):
        return self.do("tell", login, message=message, heard_until=until.isoformat())

    def decide(self, login: str, verdict: str, *, who: str = "tia", reasons: str = "Copied.", **fields: Any):
        return self.do("verdict", login, who, verdict=verdict, reasons=reasons, **fields)

    def state(self, login: str, text: str):
        return self.client(login).post(f"{CASES}/{self.id}/own/statements", json={"text": text})


@pytest.fixture
def office(pair: SimilarPair, cast: Cast, client_as: Callable[[User], TestClient]) -> Office:
    """A case about both, opened by the TA."""
    body = {"pairs": [pair.id], "students": ["ada", "bob"], "reason": "CANARY-REASON: line by line"}
    answer = client_as(cast.tia).post(CASES, json=body)
    assert answer.status_code == 201, answer.text
    return Office(client_as, cast, answer.json())


@pytest.fixture
def in_a_week(session: Session) -> datetime:
    return current_time(session) + timedelta(days=7)


def code(answer) -> str | None:
    return None if answer.is_success else answer.json()["code"]

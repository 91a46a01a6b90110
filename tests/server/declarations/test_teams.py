"""What a team has handed in, all of it can read and say; nobody beside it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.accounts.models import User
from server.assignments.models import Assignment
from server.models import Submission
from server.settings import Settings
from tests.server.contest import SLUG, write_contest

CONTEST = f"/api/v1/courses/dl-2026/assignments/{SLUG}"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"assignments": write_contest(tmp_path / "content")})


def test_a_member_reads_and_corrects_what_another_has_said(
    client_as: Callable[[User], TestClient], make_member: Callable[..., User], make_assignment: Callable[..., Assignment],
    hand_in: Callable[..., Submission],
) -> None:  # fmt: skip
    contest, people = make_assignment(slug=SLUG), {login: make_member(login) for login in ("ada", "bob", "cleo")}
    ada, bob, cleo = (client_as(person) for person in people.values())
    team = ada.post(f"{CONTEST}/teams", json={"name": "Alpha"}).json()
    ada.post(f"{CONTEST}/teams/invitations", json={"login": "bob"})
    assert bob.post(f"{CONTEST}/teams/{team['id']}/accept").status_code == 200
    path = f"/api/v1/submissions/{hand_in(contest, people['ada']).id}/declarations"
    ada.post(path, json={"sources": []})
    bob.post(path, json={"sources": [{"kind": "person", "what": "Cleo"}]})
    assert [(each["made_by"], len(each["sources"])) for each in ada.get(path).json()] == [("bob", 1), ("ada", 0)]
    shown = ada.get(path.removesuffix("/declarations")).json()["declaration"]
    assert (shown["made_by"], shown["sources"][0]["what"]) == ("bob", "Cleo")
    assert cleo.get(path).status_code == 404

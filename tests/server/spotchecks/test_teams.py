"""In a competition with teams."""

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


def test_members_of_a_team_share_what_is_read(
    tia: TestClient, client_as: Callable[[User], TestClient], students: dict[str, User],
    make_assignment: Callable[..., Assignment], reach: Callable[..., Submission],
) -> None:  # fmt: skip
    contest = make_assignment(slug=SLUG)
    ada, bob = client_as(students["ada"]), client_as(students["bob"])
    team = ada.post(f"{CONTEST}/teams", json={"name": "Alpha"}).json()
    ada.post(f"{CONTEST}/teams/invitations", json={"login": "bob"})
    assert bob.post(f"{CONTEST}/teams/{team['id']}/accept").status_code == 200
    submission = reach(contest, students["ada"], 0.9)
    sample = tia.post(f"{CONTEST}/spot-checks", json={"per_section": 9}).json()
    assert {each["student"]: each["submission"] for each in sample["draws"]} == {"ada": submission.id, "bob": submission.id}

"""Private values are in no byte that a student or a stranger can get before the release: every route, every role, every phase."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.courses.models import Course, Role
from server.database import current_time
from server.leaderboard import events, service
from server.models import Submission
from server.settings import Settings
from tests.server.contest import SLUG, write_contest
from tests.server.test_access import routes_of
from tests.thorough import one_in

# Public values and their private ones; of an interval the ends are as secret as the value.
REACHED = {"owner": [(0.51, 0.731731), (0.511511, 0.642642)], "classmate": [(0.53, 0.824824)], "third": [(0.54, 0.555555)]}
SECRETS = ["731731", "711731", "751731", "642642", "622642", "662642", "824824", "804824", "844824", "555555", "535555", "575555"]
UNSEEN = ["511511", "491511", "531511"]  # the owner's second public value is no better beyond chance: the Ladder never shows it
OF_A_REPORT = "0.12345678"  # the private metric in the report itself; in no phase for anybody but staff
QUERIES = ["", "half=private&format=json", "half=private&display=1&everyone=true&search=a"]
STUDENTS, STRANGERS = ("owner", "classmate"), ("other_ta", "nobody")
BEFORE = ("open", "frozen", "closed", "withdrawn")


@pytest.fixture
def rules() -> dict[str, object]:
    """Of the competition, where a test asks for others."""
    return {}


@pytest.fixture
def settings(settings: Settings, rules: dict[str, object], tmp_path: Path) -> Settings:
    root = write_contest(tmp_path / "content", decimals=6, freeze_h=4, **rules)
    return settings.model_copy(update={"assignments": root})


@pytest.fixture(autouse=True)
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LIFETIME_S", 0.0)


@dataclass(frozen=True)
class Scene:
    contest: Assignment
    clients: dict[str, TestClient]
    staff: User
    addresses: list[str]

    def bodies(self, *viewers: str) -> Iterator[tuple[str, str, str]]:
        """Who asked for what, and everything that came back, headers included."""
        for viewer in viewers:
            for address in self.addresses:
                answer = self.clients[viewer].get(address, follow_redirects=False)
                yield viewer, address, f"{answer.text}\n{answer.content!r}\n{dict(answer.headers)}"


@pytest.fixture
def scene(
    app_client: TestClient, client_as: Callable[[User], TestClient], course: Course, make_course: Callable[..., Course],
    make_assignment: Callable[..., Assignment], make_member: Callable[..., User], reach: Callable[..., Submission],
) -> Scene:  # fmt: skip
    contest, people, submissions = make_assignment(slug=SLUG), {}, []
    for login, values in REACHED.items():
        people[login] = make_member(login)
        submissions += [reach(contest, people[login], *pair) for pair in values]
    people["own_ta"] = make_member("own-ta", Role.ta)
    people["other_ta"] = make_member("other-ta", Role.ta, of=make_course("cv-2026"))
    clients = {name: client_as(person) for name, person in people.items()}
    clients["nobody"] = TestClient(app_client.app, base_url="http://gradus.test")
    addresses = addresses_of(app_client, [submission.id for submission in submissions])
    return Scene(contest, clients, people["own_ta"], addresses)


def addresses_of(client: TestClient, submissions: list[int]) -> list[str]:
    """Every GET route of the app, filled in, those of boards and submissions with what may be asked for on top."""
    paths = sorted(route.removeprefix("GET ") for route in routes_of(client.app) if route.startswith("GET "))
    values = defaultdict(lambda: 1, course="dl-2026", assignment=SLUG)
    found = []
    for path in paths:
        ids = submissions if "{submission_id}" in path else [0]
        queries = QUERIES if "leaderboard" in path or path.endswith("/submissions") else QUERIES[:1]
        filled = [path.format_map(values | {"submission_id": id}) for id in ids]
        found += [f"{address}?{query}" for address in filled for query in queries]
    return found


def enter(session: Session, scene: Scene, phase: str) -> None:
    """Turn the clock by moving the dates, and release by the way that staff go."""
    contest, now = session.merge(scene.contest), current_time(session)
    closes_at = {"open": now + timedelta(days=1), "frozen": now + timedelta(hours=1)}.get(phase, now - timedelta(minutes=1))
    contest.due_at = contest.closes_at = closes_at
    session.flush()
    if phase in ("released", "withdrawn"):
        root = scene.clients["nobody"].app.state.settings.assignments
        manifest = assignments.manifest_of(contest, root=root)
        service.release(session, assignment=contest, manifest=manifest, staff=session.merge(scene.staff), now=now)
    if phase == "withdrawn":
        service.withdraw(session, assignment=contest, staff=session.merge(scene.staff))
    session.commit()


def leaks(scene: Scene, *viewers: str, secrets: list[str]) -> list[tuple[str, str, str]]:
    return [(viewer, address, each) for viewer, address, body in scene.bodies(*viewers) for each in secrets if each in body]


@pytest.mark.parametrize("phase", one_in(4, BEFORE, pytest.mark.long))
def test_before_the_release_no_byte_of_a_private_value_reaches_a_student_or_a_stranger(
    session: Session, scene: Scene, phase: str
) -> None:
    enter(session, scene, phase)
    assert leaks(scene, *STUDENTS, *STRANGERS, secrets=[*SECRETS, OF_A_REPORT]) == []


@pytest.mark.long
@pytest.mark.parametrize("rules", [{"ladder": True}], ids=["ladder"])
def test_what_the_ladder_holds_back_is_in_no_byte_either(session: Session, scene: Scene) -> None:
    enter(session, scene, "open")
    assert leaks(scene, *STUDENTS, *STRANGERS, secrets=[*SECRETS, *UNSEEN, OF_A_REPORT]) == []
    assert {secret for _, _, secret in leaks(scene, "own_ta", secrets=UNSEEN)} == set(UNSEEN), "staff do see it"
    enter(session, scene, "released")
    assert leaks(scene, *STUDENTS, *STRANGERS, secrets=UNSEEN) == []


@pytest.mark.long
def test_after_the_release_the_course_sees_them_and_nobody_else(session: Session, scene: Scene) -> None:
    enter(session, scene, "released")
    assert leaks(scene, *STRANGERS, secrets=SECRETS) == []
    for viewer in STUDENTS:
        seen = {secret for _, _, secret in leaks(scene, viewer, secrets=SECRETS)}
        assert {"824824", "555555", "804824", "844824"} <= seen, "values and intervals stand on the board"
    others = {secret for _, _, secret in leaks(scene, "classmate", secrets=["731731", "642642"])}
    assert len(others) == 1, "of somebody else only what stands is shown, not what was tried as well"
    assert leaks(scene, *STUDENTS, *STRANGERS, secrets=[OF_A_REPORT]) == []


@pytest.mark.parametrize("phase", one_in(4, BEFORE, pytest.mark.long))
def test_staff_see_them_at_any_time_where_they_ask(session: Session, scene: Scene, phase: str) -> None:
    """Which also shows that the search for secrets finds what is there."""
    enter(session, scene, phase)
    found = {(address.partition("?")[0].split("/")[-1], secret) for _, address, secret in leaks(scene, "own_ta", secrets=SECRETS)}
    assert {("leaderboard", "824824"), ("live", "824824"), ("points", "824824"), ("download", "824824")} <= found


def test_a_boards_stream_says_only_that_something_has_changed(
    scene: Scene, settings: Settings, reach: Callable[..., Submission], session: Session, monkeypatch: pytest.MonkeyPatch,
    make_member: Callable[..., User],
) -> None:  # fmt: skip
    monkeypatch.setattr(events, "LIFETIME_S", 30.0)
    monkeypatch.setattr(events, "REREAD_S", 0.05)
    contest, late = session.merge(scene.contest), make_member("late")

    async def listen() -> list[str]:
        heard = []
        async for chunk in events.follow(contest.id, redis_url=settings.redis_url):
            if not heard:
                reach(contest, late, 0.5, 0.909909)
            heard.append(chunk)
            if chunk.startswith("event: changed"):
                return heard
        return heard

    heard = asyncio.run(listen())
    assert {chunk for chunk in heard if not chunk.startswith(": ")} == {
        "event: here\ndata: {}\n\n",
        "event: changed\ndata: {}\n\n",
    }

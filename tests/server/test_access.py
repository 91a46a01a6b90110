"""Who gets what from every route. The list of routes comes from the app: a new one without a rule fails."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx import Response

from server.accounts.models import User
from server.announcements import service as announcements
from server.app import create_app
from server.assignments.models import Assignment
from server.cases import service as cases
from server.courses.models import Course, Role
from server.database import current_time, session_factory
from server.leaderboard import events
from server.models import Case, Exam, Submission
from server.settings import Settings
from tests.server.access_rules import RULES
from tests.server.access_words import VIEWERS
from tests.thorough import one_in

NUMBERED = (
    "submission_id", "run_id", "token_id", "team_id", "pair_id", "archive_id", "case_id", "party_id", "check_id", "draw_id",
    "draft_id", "channel_id", "delivery_id", "announcement_id", "extension_id", "roll_call_id", "leave_id", "note_id",
    "item_id", "comment_id", "file_id", "section_id", "identity_id", "platform_id", "request_id", "preview_id",
    "grant_id", "place_id", "missed_id", "moderated_id",
)  # fmt: skip
NAMED = {
    "course": "none-such", "assignment": "none-such", "exam": "none-such", "question": "none-such", "token": "none-such",
    "name": "none.pdf", "rehearsal": "none-such",
}  # fmt: skip
MISSING = dict.fromkeys(NUMBERED, 999_999) | NAMED | {"login": "owner", "key": "tiny"}  # what leads to nothing
SLICES = 8  # of all routes, each with a scene of its own
CHANGES_EVERY = 4  # of the requests that change something, asked by those who may
BODIES = {"PUT /api/v1/courses/{course}/exams/{exam}/answers": {"answers": {}}}  # read before anybody asks who sends it
NOT_OURS = {"/api/v1/openapi.json", "/static"}  # the framework's own, the same for everybody


def routes_of(app: FastAPI) -> set[str]:
    """Every method and path that anybody can call, from the app itself."""
    return {f"{method} {route.path}" for route in api_routes(app.routes) for method in route.methods}


def api_routes(routes: list) -> list[APIRoute]:
    found = [route for route in routes if isinstance(route, APIRoute)]
    for route in routes:
        nested = getattr(route, "original_router", None)
        found += api_routes(nested.routes) if nested is not None else []
    return found


@dataclass(frozen=True)
class Scene:
    """Everybody there is, and what they ask for."""

    clients: dict[str, TestClient]
    values: dict[str, object]


@pytest.fixture(autouse=True)
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """A board's events go on for minutes; here it is enough that they begin."""
    monkeypatch.setattr(events, "LIFETIME_S", 0.0)


@pytest.fixture
def scene(
    client_as: Callable[[User], TestClient], app_client: TestClient, course: Course, assignment: Assignment,
    make_member: Callable[..., User], make_course: Callable[..., Course], hand_in: Callable[..., Submission],
    grade: Callable[..., object], make_assignment: Callable[..., Assignment],
) -> Scene:  # fmt: skip
    elsewhere = make_course("cv-2026")
    people = {
        "owner": make_member("owner"),
        "classmate": make_member("classmate"),
        "own_ta": make_member("own-ta", Role.ta),
        "instructor": make_member("instructor", Role.instructor),
        "other_ta": make_member("other-ta", Role.ta, of=elsewhere),
    }
    clients = {name: client_as(person) for name, person in people.items()}
    submission = hand_in(assignment, people["owner"])
    run = grade(submission)
    case = ask_about(submission, people["own_ta"])
    token_id = clients["owner"].get("/api/v1/tokens").json()[0]["id"]
    values = MISSING | {
        "course": course.slug,
        "assignment": assignment.slug,
        "exam": set_exam(make_assignment).assignment.slug,
        "submission_id": submission.id,
        "run_id": run.id,
        "token_id": token_id,
        "case_id": case.id,
        "party_id": case.parties[0].id,
        "announcement_id": announce(course, people["own_ta"]),
    }
    return Scene(clients={**clients, "nobody": TestClient(app_client.app, base_url="http://gradus.test")}, values=values)


def set_exam(make_assignment: Callable[..., Assignment]) -> Exam:
    """One that nobody has begun."""
    paper = make_assignment(slug="mixed")
    with session_factory.begin() as session:
        assignment = session.get_one(Assignment, paper.id)
        assignment.is_exam = True
        exam = Exam(assignment=assignment, minutes=60)
        session.add(exam)
    return exam


def announce(course: Course, staff: User) -> int:
    with session_factory.begin() as session:
        known = {"course": session.get_one(Course, course.id), "by": session.get_one(User, staff.id)}
        return announcements.publish(session, **known, title="Hello", text="Welcome.", now=current_time(session)).id


def ask_about(submission: Submission, staff: User) -> Case:
    """A case of which the owner is told."""
    with session_factory.begin() as session:
        work, now = session.get_one(Submission, submission.id), current_time(session)
        by = session.get_one(User, staff.id)
        content = {"left": {"files": [], "declared": []}, "right": None, "evidence": None, "facts": [], "similarity": None}
        content["left"] |= {
            "student": work.author_id,
            "login": "owner",
            "name": "Owner",
            "attempt": 1,
            "received_at": None,
            "archive": None,
        }
        exhibits = [cases.NewExhibit(work, None, content)]
        known = {"assignment": work.assignment, "opened_by": by, "reason": "to be asked", "logins": ["owner"]}
        case = cases.open_case(session, **known, exhibits=exhibits, now=now)
        version, until = case.parties[0].version, now + timedelta(days=7)
        cases.tell(session, party=case.parties[0], staff=by, message="What is this?", heard_until=until, version=version, now=now)
        return case


def ask(client: TestClient, rule: str, values: dict[str, object]):
    method, path = rule.split(" ", 1)
    return client.request(method, path.format(**values), json=BODIES.get(rule), follow_redirects=False)


def verdict(answer) -> str:
    to_sign_in = answer.status_code in (302, 303, 307) and "/sign-in" in answer.headers["location"]
    if to_sign_in or answer.status_code == 401:
        return "sign_in"
    return {404: "hidden", 403: "staff_only"}.get(answer.status_code, "yes")


@pytest.fixture(scope="module")
def any_app(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    data = tmp_path_factory.mktemp("data")
    return create_app(Settings(database_url=database_url, redis_url=redis_url, data=data, secret="test secret"))


def test_every_route_has_a_rule_and_every_rule_a_route(any_app: FastAPI) -> None:
    assert routes_of(any_app) == set(RULES)
    assert {route.path for route in any_app.routes if hasattr(route, "path")} == NOT_OURS


def answers_to(route: str, viewers: Iterable[str], scene: Scene) -> dict[str, Response]:
    """The owner last: some requests change things."""
    ordered = sorted(viewers, key=lambda viewer: viewer == "owner")
    return {viewer: ask(scene.clients[viewer], route, scene.values) for viewer in ordered}


def who_changes_nothing(route: str) -> list[str]:
    """Everybody who only reads, and of a request that changes something, who is refused it."""
    rule = RULES[route]._asdict()
    return [viewer for viewer in VIEWERS if route.startswith("GET ") or rule[viewer] != "yes"]


def check_who_gets_what(route: str, viewers: Iterable[str], scene: Scene) -> None:
    rule = RULES[route]._asdict()
    answers = answers_to(route, viewers, scene)
    assert {viewer: verdict(answer) for viewer, answer in answers.items()} == {viewer: rule[viewer] for viewer in answers}, route
    if hidden := next((viewer for viewer in answers if rule[viewer] == "hidden"), None):
        check_looks_like_nothing(route, answers[hidden], ask(scene.clients[hidden], route, MISSING))


@pytest.mark.parametrize("first", one_in(2, range(SLICES), pytest.mark.long))
def test_nobody_gets_more_than_they_may(scene: Scene, first: int) -> None:
    """Every route, asked by everybody who changes nothing by it, so that one scene serves for many."""
    for route in list(RULES)[first::SLICES]:
        check_who_gets_what(route, who_changes_nothing(route), scene)


@pytest.mark.parametrize("route", one_in(CHANGES_EVERY, [route for route in RULES if not route.startswith("GET ")]))
def test_everybody_gets_exactly_what_they_may(scene: Scene, route: str) -> None:
    """And what is not yours looks like what is not there. What changes something has a scene of its own."""
    check_who_gets_what(route, VIEWERS, scene)


def check_looks_like_nothing(route: str, yours: Response, nobodys: Response) -> None:
    assert nobodys.status_code == yours.status_code == 404
    if route.split()[1].startswith("/api/"):
        assert yours.json() | {"instance": ""} == nobodys.json() | {"instance": ""}


def test_a_student_who_guesses_sees_the_same_as_one_who_does_not(scene: Scene) -> None:
    assert (
        ask(scene.clients["classmate"], "GET /api/v1/submissions/{submission_id}", {"submission_id": 999_999}).status_code == 404
    )


def test_one_of_a_courses_staff_sees_everyones_history(scene: Scene) -> None:
    answer = scene.clients["own_ta"].get("/api/v1/courses/dl-2026/assignments/tiny/submissions", params={"everyone": "true"})
    assert [row["author"] for row in answer.json()] == ["owner"]

# ruff: noqa: F401, F811 (fixtures are imported by name)
"""No byte of an exam before its time, by any role without the right, on any route: a canary stands in everything secret.

Every route of the app is asked with everything that leads to the exam, as in test_access.py; a new route is asked by itself.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from grader.questions.paper import Paper
from server.accounts.models import User
from server.courses import service as courses
from server.courses.models import Course, Enrollment, Role, Standing
from server.database import current_time
from server.exams.models import Exam, Sitting
from server.leaderboard import events
from server.models import Assignment, Submission
from tests.server.exams.canary import (
    CANARIES,
    SOURCE,
    exam,
    judged,
    paper_of,
    release,
    sit,
)
from tests.server.test_access import MISSING, routes_of
from tests.thorough import one_in

STARTS = ("/start", "/place", "/sign-out")  # asked one by one: they begin a sitting, which has a right to its paper
WAYS_AROUND = (
    "/static/../../tests/server/content/canary/questions.py",
    "/static/%2e%2e/%2e%2e/assignments/canary/questions.py",
    "/assignments/canary/handout.en.md",
    "/courses/dl-2026/assignments/canary/questions.py",
    "/courses/dl-2026/exams/canary/nothing-is-here",
    "/api/v1/courses/dl-2026/exams/canary/paper/pdf",
    "/api/v1/courses/dl-2026/assignments/canary?expand=parts",
    "/api/v1/openapi.json",
)


@pytest.fixture(autouse=True)
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LIFETIME_S", 0.0)


@pytest.fixture
def written(
    exam: Exam,
    sit: Callable[..., Sitting],
    judged: Callable[[int], Submission],
    make_member: Callable[..., User],
) -> Submission:
    """Somebody has handed in, and the judge has said everything about it."""
    sitting = sit(make_member("writer"))
    return judged(sitting.submission_id)


@pytest.fixture
def values(written: Submission, course: Course) -> dict[str, object]:
    """What leads to the exam, its work and the newest run of it, wherever a route asks for such a thing."""
    known = {"course": course.slug, "assignment": "canary", "exam": "canary", "login": "writer", "question": "plus"}
    numbered = {"submission_id": written.id, "run_id": written.run.id, "sitting_id": 1, "place_id": 1, "missed_id": 1}
    return MISSING | known | numbered | {"place": 1, "missed": 1, "key": "canary", "name": "none.pdf"}


def ask_everything(client: TestClient, values: dict[str, object], *, leaving_out: Iterable[str] = STARTS) -> dict[str, Response]:
    """Every route, with nothing in its body, and some addresses that are none."""
    asked = [rule.split(" ", 1) for rule in sorted(routes_of(client.app)) if not rule.endswith(tuple(leaving_out))]
    found = {
        f"{method} {path}": client.request(method, path.format_map(Known(values)), follow_redirects=False)
        for method, path in asked
    }
    return found | {f"GET {path}": client.get(path, follow_redirects=False) for path in WAYS_AROUND}


class Known(dict):
    """What a route asks for that no scene has leads to nothing."""

    def __missing__(self, key: str) -> int:
        return 999_999


def leaks(found: dict[str, Response], secret: Iterable[str] = CANARIES) -> list[str]:
    told = {rule: f"{answer.text}\n{list(answer.headers.items())}" for rule, answer in found.items()}
    return [f"{rule}: {each}" for rule, text in told.items() for each in secret if each in text]


@pytest.fixture
def person(
    exam: Exam, make_member: Callable[..., User], make_user: Callable[..., User], make_course: Callable[..., Course],
    session: Session, sit: Callable[..., Sitting], course: Course, client_as: Callable[[User], TestClient],
    app_client: TestClient,
) -> Callable[[str], TestClient]:  # fmt: skip
    """Somebody without the right, by what makes him so."""

    def person(who: str) -> TestClient:
        if who == "nobody":
            return TestClient(app_client.app, base_url="http://gradus.test")
        if who == "outsider":
            return client_as(make_member("outsider", of=make_course("cv-2026")))
        if who == "staff elsewhere":
            return client_as(make_member("elsewhere", Role.ta, of=make_course("cv-2026")))
        member = make_member("somebody")
        if who == "before the window":
            day = timedelta(days=1)
            dates = {name: getattr(Assignment, name) + day for name in ("opens_at", "due_at", "closes_at")}
            session.execute(update(Assignment).where(Assignment.id == exam.assignment_id).values(dates))
        if who == "has handed in":
            sit(member)
        if who == "withdrawn":
            enrollment = courses.find_enrollment(session, course_slug=course.slug, user=member)
            gone = {"standing": Standing.withdrawn, "withdrawn_at": current_time(session)}
            session.execute(update(Enrollment).where(Enrollment.id == enrollment.id).values(gone))
        session.commit()
        return client_as(member)

    return person


WHO = ["before the window", "nobody", "outsider", "staff elsewhere", "has handed in", "has not started", "withdrawn"]


@pytest.mark.parametrize("who", one_in(5, WHO, pytest.mark.long))
def test_nobody_reads_a_byte_before_the_release(who: str, person: Callable[[str], TestClient], values: dict[str, object]) -> None:
    found = ask_everything(person(who), values)
    assert leaks(found) == []
    assert {rule: answer.status_code for rule, answer in found.items() if answer.status_code >= 500} == {}


@pytest.mark.long
def test_who_wrote_it_does_not_read_it_again(
    written: Submission, values: dict[str, object], client_as: Callable[[User], TestClient]
) -> None:
    """After hand-in and before the release one's own paper, code and findings are as closed as anybody's."""
    found = ask_everything(client_as(written.author), values)
    assert leaks(found) == []


def test_the_harness_would_see_a_leak(
    written: Submission, values: dict[str, object], client_as: Callable[[User], TestClient], make_member: Callable[..., User]
) -> None:
    """Staff may read it all, and do so on many of the same addresses: the canaries are really there."""
    found = ask_everything(client_as(make_member("own-ta", Role.ta)), values)
    seen = {line.split(": ")[1] for line in leaks(found)}
    assert seen >= {"CANARY", "SECRET", "canaryfile", "canary_hidden", "canarypick", "canarypart"}
    assert len({line.split(": ")[0] for line in leaks(found)}) > 10


@pytest.mark.long
def test_after_the_release_everybody_reads_his_own(
    written: Submission, values: dict[str, object], client_as: Callable[[User], TestClient], release: Callable[[], None],
    make_member: Callable[..., User], paper_of: Callable[[User], Paper],
) -> None:  # fmt: skip
    release()
    own = client_as(written.author).get(f"/submissions/{written.id}").text
    assert "CANARYprompt" in own
    other = make_member("other")
    found = ask_everything(client_as(other), values)
    mine, theirs = constants(paper_of(other)), constants(paper_of(written.author))
    assert mine.isdisjoint(theirs)
    assert leaks(found, secret=theirs) == []


def test_who_sits_reads_his_own_paper_and_nothing_of_its_key_or_of_anothers(
    written: Submission, values: dict[str, object], client_as: Callable[[User], TestClient], make_member: Callable[..., User],
    paper_of: Callable[[User], Paper], judged: Callable[[int], Submission], session: Session,
) -> None:  # fmt: skip
    """From an active place: the room's routes, and every other route with the key of the place."""
    person = make_member("sitter")
    client, room = client_as(person), "/api/v1/courses/dl-2026/exams/canary"
    begun = client.post(f"{room}/start", json={"accepts_honour": True})
    assert begun.status_code == 201, begun.text
    client.headers["X-Exam-Place"] = begun.json()["place"]["key"]
    code = {"file:canaryfile.py": {"value": SOURCE, "version": 0}}
    saved = client.put(f"{room}/answers", json={"answers": code | {"question:plus": {"value": "1", "version": 0}}})
    assert saved.status_code == 200, saved.text
    assert client.post(f"{room}/checks").status_code == 202
    attempt = session.scalars(select(Submission).where(Submission.author_id == person.id)).one()
    judged(attempt.id)
    paper, checks = client.get(f"{room}/paper").text, client.get(f"{room}/checks").text
    mine, theirs = constants(paper_of(person)), constants(paper_of(written.author))
    assert {each for each in mine if each in paper} == mine
    for shown in ("CANARYprompt", "CANARYoption", "CANARYtitle", "CANARYsection", "CANARYhandout", "CANARYstarter"):
        assert shown in paper, shown
    assert "CANARYcheck a vector" in checks
    own = values | {"submission_id": attempt.id, "run_id": attempt.run.id}
    found = ask_everything(client, own) | {"the paper": client.get(f"{room}/paper"), "the checks": client.get(f"{room}/checks")}
    assert leaks(found, secret={"SECRET", "canary_hidden", *theirs}) == []
    assert {rule for rule, answer in found.items() if "CANARYprompt" in answer.text} <= SHOWS_THE_PAPER


# What may hold a question for who sits: the paper, and the room's page that draws it.
SHOWS_THE_PAPER = {
    "the paper",
    "GET /api/v1/courses/{course}/exams/{exam}/paper",
    "GET /courses/{course}/exams/{exam}/room",
    "GET /courses/{course}/exams/{exam}/room/questions",
}


def constants(paper: Paper) -> set[str]:
    """What a draw put into its prompts, six digits each."""
    words = [word.strip("?$.") for item in paper.items for word in item.asked.prompt.en.split()]
    return {word for word in words if word.isdigit() and len(word) == 6}

"""The upload's door: receipts, refusals, many at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.database import current_time
from server.models import Blob, Job, Submission

PATH = "/api/v1/courses/dl-2026/assignments/tiny/submissions"
SOURCE = b"def double(x): return 2 * x\n"
As = Callable[[User], TestClient]


def post(client: TestClient, source: bytes = SOURCE, *, name: str = "solution.py", **options: object):
    return client.post(PATH, files={"files": (name, source)}, **options)


def test_handing_in_gives_a_receipt(client_as: As, student: User, assignment: Assignment, session: Session) -> None:
    before = current_time(session)
    answer = post(client_as(student))
    receipt = answer.json()
    assert answer.status_code == 201
    assert (receipt["attempt"], receipt["attempts_left"], receipt["attempts_left_today"]) == (1, 49, 19)
    assert receipt["files"] == [{"name": "solution.py", "sha256": receipt["files"][0]["sha256"], "size_bytes": len(SOURCE)}]
    stored = session.get(Submission, receipt["id"])
    assert before <= stored.received_at <= current_time(session)
    assert stored.sha256 == receipt["sha256"]


def test_fifty_at_once_with_five_attempts_are_exactly_five(
    client_as: As, student: User, make_assignment: Callable[..., Assignment], session: Session
) -> None:
    make_assignment(attempt_limit=5)
    client = client_as(student)
    with ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(lambda number: post(client, b"x = %d\n" % number), range(50)))
    assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 45}
    assert sorted(answer.json()["attempt"] for answer in answers if answer.status_code == 201) == [1, 2, 3, 4, 5]
    assert len(session.scalars(select(Job)).all()) == 5


def test_the_same_idempotency_key_gives_the_same_receipt(
    client_as: As, student: User, assignment: Assignment, session: Session
) -> None:
    client, key = client_as(student), {"Idempotency-Key": "a1"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(client, headers=key), range(4)))
    assert {answer.json()["id"] for answer in answers} == {answers[0].json()["id"]}
    assert len(session.scalars(select(Submission)).all()) == 1
    assert post(client, b"other = 1\n", headers=key).status_code == 409


@pytest.mark.parametrize(
    ("name", "content"),
    [("solution.py", b"\x00\xff\xfe"), ("essay.docx", b"x"), ("work.zip", b"not a zip"), ("a\u202e.txt", b"x")],
)
def test_files_that_cannot_be_read_take_no_attempt(
    client_as: As, student: User, assignment: Assignment, session: Session, name: str, content: bytes
) -> None:
    answer = post(client_as(student), content, name=name)
    assert answer.status_code == 422
    assert answer.json()["message"]["zh"] and answer.json()["message"]["en"]
    assert session.scalars(select(Submission)).all() == []
    assert session.scalars(select(Blob)).all() == []


def test_a_form_without_files_is_refused_politely(client_as: As, student: User, assignment: Assignment) -> None:
    assert client_as(student).post(PATH).status_code == 422


def test_too_many_bytes_are_not_even_read(client_as: As, student: User, assignment: Assignment) -> None:
    answer = post(client_as(student), b"#" * (11 << 20))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_databases_clock_decides_and_no_other(
    client_as: As, student: User, assignment: Assignment, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_as(student)

    def close(delta: timedelta) -> None:
        closes_at = current_time(session) + delta
        values = {"opens_at": closes_at - timedelta(days=2), "due_at": closes_at - timedelta(days=1), "closes_at": closes_at}
        session.execute(update(Assignment).values(**values))
        session.commit()

    monkeypatch.setattr("time.time", lambda: 0.0)  # a web server whose own clock is decades off
    close(timedelta(seconds=5))
    late = post(client)
    assert (late.status_code, late.json()["late"]) == (201, True)
    close(timedelta(0))
    refused = post(client)
    assert (refused.status_code, refused.json()["code"]) == (409, "submissions_closed")


@pytest.mark.parametrize("field", ["author_id", "attempt", "received_at", "score", "state", "takes_attempt", "role"])
def test_fields_that_nobody_asked_for_change_nothing(
    client_as: As, student: User, assignment: Assignment, session: Session, field: str
) -> None:
    answer = client_as(student).post(PATH, files={"files": ("solution.py", SOURCE)}, data={field: "999"}, params={field: "999"})
    assert answer.status_code == 201
    row = session.scalars(select(Submission)).one()
    assert (row.author_id, row.attempt, row.takes_attempt, row.state) == (student.id, 1, True, row.state)
    assert row.run is None


def test_an_assignment_that_has_not_opened_is_not_there(
    client_as: As, student: User, make_assignment: Callable[..., Assignment], session: Session
) -> None:
    make_assignment(opens_at=current_time(session) + timedelta(hours=1))
    assert post(client_as(student)).status_code == 404


def test_history_lists_ones_own_newest_first(client_as: As, student: User, assignment: Assignment) -> None:
    client = client_as(student)
    for number in range(3):
        post(client, b"x = %d\n" % number)
    assert [row["attempt"] for row in client.get(PATH).json()] == [3, 2, 1]
    assert client.get(PATH, params={"everyone": "true"}).status_code == 403


def test_everyones_submissions_come_in_pages_and_none_is_left_out(
    client_as: Callable[[User], TestClient], assignment: Assignment, hand_in: Callable[..., Submission],
    make_member: Callable[..., User],
) -> None:  # fmt: skip
    authors = [make_member(f"student{number}") for number in range(3)]
    ids = [hand_in(assignment, author, f"x = {number}\n").id for number in range(2) for author in authors]
    ta = client_as(make_member("ta", Role.ta))
    pages, address = [], f"{PATH}?everyone=true&limit=4"
    while address:
        answer = ta.get(address)
        pages.append([row["id"] for row in answer.json()])
        address = str(answer.url.join(answer.links["next"]["url"])) if answer.links else None
    assert pages == [ids[:1:-1], ids[1::-1]]
    own = client_as(authors[0]).get(PATH, params={"limit": 1})
    assert own.links["next"]["url"] == f"?before={ids[3]}&limit=1"
    assert [row["id"] for row in client_as(authors[0]).get(PATH, params={"before": ids[3]}).json()] == [ids[0]]
    assert ta.get(PATH, params={"limit": 0}).status_code == ta.get(PATH, params={"before": 0}).status_code == 422

"""Declaring by every door: required or asked, later, corrected; who may read and who may write."""

import json
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Asking, Course, Role
from server.declarations.models import Declaration
from server.declarations.queries import newest_of
from server.declarations.rules import MAX_DECLARATIONS
from server.models import Submission

PATH = "/api/v1/courses/dl-2026/assignments/tiny/submissions"
AI = {"kind": "ai", "what": "ChatGPT", "used_for": "explained doubling", "names": ["double"]}
As = Callable[[User], TestClient]
HandIn = Callable[..., Submission]


def post(client: TestClient, declaration: object = None, **options: object):
    data = {} if declaration is None else {"data": {"declaration": json.dumps(declaration)}}
    return client.post(PATH, files={"files": ("solution.py", b"def double(x): return 2 * x\n")}, **data, **options)


@pytest.fixture
def requiring(session: Session, course: Course) -> Course:
    course.asks_sources = Asking.required
    session.commit()
    return course


def test_a_declaration_comes_with_the_files(client_as: As, student: User, assignment: Assignment, session: Session) -> None:
    receipt = post(client_as(student), {"sources": [AI]}).json()
    (declaration,) = newest_of(session, [receipt["id"]]).values()
    assert (declaration.sources, declaration.made_by.login) == ([AI], "ada")


def test_where_one_is_required_nothing_is_used_up_without(
    client_as: As, student: User, assignment: Assignment, requiring: Course, session: Session
) -> None:
    client = client_as(student)
    refused = post(client)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "declaration_missing", "declaration")
    wrong = post(client, {"sources": [AI | {"kind": "magic"}]})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "declaration.sources.0.kind")
    assert session.scalars(select(Submission)).all() == []
    taken = post(client, {"sources": []})
    assert (taken.status_code, taken.json()["attempt"], taken.json()["attempts_left"]) == (201, 1, 49)


def test_an_old_client_goes_on_working_where_one_is_only_asked_for(
    client_as: As, student: User, assignment: Assignment, session: Session
) -> None:
    receipt = post(client_as(student)).json()
    assert receipt["attempt"] == 1 and newest_of(session, [receipt["id"]]) == {}


def test_staff_try_things_out_without_declaring(
    client_as: As, make_member: Callable[..., User], assignment: Assignment, requiring: Course
) -> None:
    assert post(client_as(make_member("tia", Role.ta))).status_code == 201


def test_what_is_corrected_stays_with_its_time_and_the_newest_counts(
    client_as: As, student: User, assignment: Assignment, session: Session
) -> None:
    client = client_as(student)
    path = f"/api/v1/submissions/{post(client, {'sources': []}).json()['id']}/declarations"
    for _ in range(2):  # the same again adds nothing
        assert client.post(path, json={"sources": [AI]}).status_code == 201
    history = client.get(path).json()
    assert [each["sources"] for each in history] == [[AI], []]
    assert history[0]["made_at"] > history[1]["made_at"] and history[0]["after_s"] >= 0


def test_an_upload_sent_twice_never_covers_a_correction(client_as: As, student: User, assignment: Assignment) -> None:
    client, key = client_as(student), {"Idempotency-Key": "k"}
    path = f"/api/v1/submissions/{post(client, {'sources': []}, headers=key).json()['id']}/declarations"
    client.post(path, json={"sources": [AI]})
    assert post(client, {"sources": []}, headers=key).status_code == 201
    assert [each["sources"] for each in client.get(path).json()] == [[AI], []]


def test_nothing_said_can_be_unsaid(client_as: As, student: User, assignment: Assignment, session: Session) -> None:
    post(client_as(student), {"sources": [AI]})
    for change in ("DELETE FROM declarations", "UPDATE declarations SET sources = '[]'"):
        with pytest.raises(DBAPIError):
            session.execute(text(change))
        session.rollback()
    assert session.scalars(select(Declaration)).one().sources == [AI]


def test_staff_read_it_and_say_nothing_for_others(
    client_as: As, student: User, make_member: Callable[..., User], assignment: Assignment, hand_in: HandIn
) -> None:
    path = f"/api/v1/submissions/{hand_in(assignment, student).id}/declarations"
    tia, bob = client_as(make_member("tia", Role.ta)), client_as(make_member("bob"))
    assert tia.get(path).json() == []
    answer = tia.post(path, json={"sources": []})
    assert (answer.status_code, answer.json()["code"]) == (403, "only_authors")
    assert bob.get(path).status_code == bob.post(path, json={"sources": []}).status_code == 404


def test_a_submission_shows_what_was_said_last_to_whoever_may_see_it(
    client_as: As, student: User, make_member: Callable[..., User], assignment: Assignment
) -> None:
    ada, tia, bob = client_as(student), client_as(make_member("tia", Role.ta)), client_as(make_member("bob"))
    path = f"/api/v1/submissions/{post(ada).json()['id']}"
    assert ada.get(path).json()["declaration"] is None
    for sources in ([], [AI]):
        ada.post(f"{path}/declarations", json={"sources": sources})
    newest = ada.get(f"{path}/declarations").json()[0]
    assert newest["sources"] == [AI]
    assert ada.get(path).json()["declaration"] == tia.get(path).json()["declaration"] == newest
    assert bob.get(path).status_code == 404


def test_corrections_have_an_end(client_as: As, student: User, assignment: Assignment, hand_in: HandIn, session: Session) -> None:
    submission = hand_in(assignment, student)
    made = [Declaration(submission_id=submission.id, made_by_id=student.id, sources=[]) for _ in range(MAX_DECLARATIONS)]
    session.add_all(made)
    session.commit()
    path = f"/api/v1/submissions/{submission.id}/declarations"
    refused = client_as(student).post(path, json={"sources": [AI]})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_declarations")
    assert session.scalar(select(func.count()).select_from(Declaration)) == MAX_DECLARATIONS

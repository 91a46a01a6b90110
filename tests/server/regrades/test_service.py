"""Regrade requests over HTTP and on pages: asked at the check, answered once, told to the student alone."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.cases.points import changes_of
from server.courses import roster
from server.courses.models import Course, Role
from server.database import current_time
from server.deadlines.queries import open_account
from server.grading.models import Run
from server.models import PointChange, State, Submission
from server.settings import Settings

As = Callable[[User], TestClient]
COURSE = "/api/v1/courses/dl-2026"
CHECK = "check:doubles_a_matrix"  # hidden, says the report of the fixtures


@pytest.fixture
def tia(make_member: Callable[..., User]) -> User:
    return make_member("tia", Role.ta)


@pytest.fixture
def graded(assignment: Assignment, student: User, hand_in: Callable[..., Submission], grade: Callable[..., Run]) -> Submission:
    submission = hand_in(assignment, student)
    grade(submission, 60)
    return submission


def ask(client: TestClient, submission: Submission, subject: str = CHECK, statement: str = "It equals the reference.") -> dict:
    return client.post(f"/api/v1/submissions/{submission.id}/regrades", json={"subject": subject, "statement": statement}).json()


def counted(session: Session, settings: Settings, assignment: Assignment, student: User) -> Decimal:
    session.expire_all()
    account = open_account(session, course=assignment.course, student_id=student.id, root=settings.assignments)
    return account.settled[assignment.id].total


def test_an_accepted_request_gives_points_beside_the_run(
    session: Session, settings: Settings, client_as: As, tia: User, student: User, assignment: Assignment, graded: Submission
) -> None:
    staff, ada = client_as(tia), client_as(student)
    asked = ask(ada, graded)
    assert (asked["state"], asked["student"], asked["version"]) == ("open", "ada", 1)
    path = f"{COURSE}/regrades/{asked['id']}"
    taken = staff.post(f"{path}/assign", json={"to": "tia", "version": 1}).json()
    assert (taken["state"], taken["assigned_to"]) == ("in_progress", "tia")
    given = {"answer": "You are right about row 2.", "accept": True, "points": "15", "version": taken["version"]}
    stale = staff.post(f"{path}/answer", json=given | {"version": 1}).json()
    assert stale["code"] == "changed_meanwhile"
    too_much = staff.post(f"{path}/answer", json=given | {"points": "41"}).json()
    assert too_much["code"] == "bad_points" and "between -60 and 40" in too_much["detail"]
    answered = staff.post(f"{path}/answer", json=given).json()
    assert (answered["state"], answered["remedy"], answered["points"]) == ("accepted", "points", 15.0)
    assert counted(session, settings, assignment, student) == 75
    assert session.get_one(Submission, graded.id).run.score == 60
    assert changes_of(session, assignment=assignment) == {}  # an attempt's, not the student's whatever counts
    page = ada.get(f"/submissions/{graded.id}").text
    assert "+15 points after a regrade request" in page and "regrade accepted" in page
    assert "Your regrade request is answered" in ada.get("/messages").text
    assert "You are right about row 2." in ada.get(f"/courses/dl-2026/regrades/{asked['id']}").text
    lines = [(line.action, line.subject.get("reason")) for line in list_lines(session, course=assignment.course)]
    assert lines == [("regrade.answered", "You are right about row 2."), ("regrade.assigned", None)]
    assert "accepted" in staff.get("/courses/dl-2026/audit").text
    with pytest.raises(DBAPIError, match="only ever added"):
        session.query(PointChange).update({"points": 99})
    session.rollback()


def test_the_points_stay_with_their_attempt(
    session: Session, settings: Settings, client_as: As, tia: User, student: User, assignment: Assignment, graded: Submission,
    hand_in: Callable[..., Submission], grade: Callable[..., Run],
) -> None:  # fmt: skip
    asked = ask(client_as(student), graded)
    given = {"answer": "Yes.", "accept": True, "points": "15", "version": 1}
    client_as(tia).post(f"{COURSE}/regrades/{asked['id']}/answer", json=given)
    grade(hand_in(assignment, student), 90)
    assert counted(session, settings, assignment, student) == 90


def test_an_accepted_request_may_lead_to_another_run(
    session: Session, client_as: As, tia: User, student: User, graded: Submission
) -> None:
    asked = ask(client_as(student), graded)
    given = {"answer": "The tolerance was wrong.", "accept": True, "rerun": True, "version": 1}
    answered = client_as(tia).post(f"{COURSE}/regrades/{asked['id']}/answer", json=given).json()
    session.expire_all()
    assert answered["remedy"] == "rerun"
    assert session.get_one(Submission, graded.id).state in (State.received, State.queued)


def test_an_answer_is_required_and_given_once(client_as: As, tia: User, student: User, graded: Submission) -> None:
    staff, asked = client_as(tia), ask(client_as(student), graded)
    path = f"{COURSE}/regrades/{asked['id']}/answer"
    assert staff.post(path, json={"answer": " ", "accept": False, "version": 1}).json()["code"] == "answer_missing"
    assert staff.post(path, json={"answer": "No.", "accept": False, "points": "3", "version": 1}).status_code == 422
    assert staff.post(path, json={"answer": "No.", "accept": False, "version": 1}).json()["state"] == "declined"
    assert staff.post(path, json={"answer": "Yes!", "accept": False, "version": 2}).json()["code"] == "already_answered"


def test_only_so_much_is_asked_at_a_time_and_not_twice_about_the_same(
    session: Session, client_as: As, make_member: Callable[..., User], student: User, course: Course, graded: Submission
) -> None:
    ada = client_as(student)
    client_as(make_member("ines", Role.instructor)).put(f"{COURSE}/regrade-policy", json={"days": 3, "most_open": 2})
    assert ask(ada, graded, "check:none")["code"] == "no_such_subject"
    assert ask(ada, graded, statement="  ")["code"] == "statement_missing"
    first = ask(ada, graded)
    assert ask(ada, graded)["code"] == "asked_already"
    assert ada.post(f"{COURSE}/regrades/{first['id']}/withdraw", json={"version": 1}).json()["state"] == "withdrawn"
    assert ask(ada, graded)["state"] == "open"
    client_as(make_member("iris", Role.instructor)).put(
        f"{COURSE}/regrade-policy", json={"days": 0, "most_open": 2, "version": 1}
    )
    assert "Ask for a regrade" not in ada.get(f"/submissions/{graded.id}").text
    assert ask(ada, graded)["code"] == "regrades_not_taken"


def test_who_has_withdrawn_waits_no_more(
    session: Session, client_as: As, tia: User, student: User, course: Course, graded: Submission
) -> None:
    staff = client_as(tia)
    ask(client_as(student), graded)
    assert len(staff.get(f"{COURSE}/regrades").json()) == 1
    roster.withdraw(session, course=course, by=tia, login=student.login, now=current_time(session))
    session.commit()
    assert staff.get(f"{COURSE}/regrades").json() == []
    assert "(1 open)" not in staff.get("/courses/dl-2026").text
    assert len(staff.get(f"{COURSE}/regrades?all=true").json()) == 1


def test_a_request_shows_nothing_of_a_hidden_check_to_its_student(
    client_as: As, tia: User, student: User, make_member: Callable[..., User], graded: Submission
) -> None:
    ada, asked = client_as(student), ask(client_as(student), graded)
    page = f"/courses/dl-2026/regrades/{asked['id']}"
    assert "A matrix" in ada.get(page).text and "secret" not in ada.get(page).text
    assert "A matrix" in client_as(tia).get(page).text
    assert client_as(make_member("bob")).get(page).status_code == 404
    assert client_as(make_member("bea")).get(f"{COURSE}/regrades").json() == []


def test_the_form_stands_at_the_check_and_keeps_what_was_typed(client_as: As, student: User, graded: Submission) -> None:
    ada = client_as(student)
    assert 'value="check:doubles_a_matrix"' in ada.get(f"/submissions/{graded.id}").text
    long = "x" * 4001
    refused = ada.post(f"/submissions/{graded.id}/regrades", data={"subject": CHECK, "statement": long})
    assert refused.status_code == 422 and long in refused.text
    sent = ada.post(f"/submissions/{graded.id}/regrades", data={"subject": CHECK, "statement": "Why?"}, follow_redirects=False)
    assert sent.status_code == 303 and "/regrades/" in sent.headers["location"]
    assert "Why?" in ada.get(sent.headers["location"]).text


def test_the_queue_filters_and_a_refused_answer_keeps_its_text(
    session: Session, client_as: As, tia: User, student: User, graded: Submission
) -> None:
    staff, asked = client_as(tia), ask(client_as(student), graded)
    address, link = "/courses/dl-2026/regrades", f'href="/courses/dl-2026/regrades/{asked["id"]}"'
    assert link in staff.get(address).text and link in staff.get(f"{address}?whose=nobodys").text
    assert link not in staff.get(f"{address}?whose=mine").text and link not in staff.get(f"{address}?assignment=other").text
    fields = {"text": "Half of it.", "decision": "points", "points": "many", "version": "1"}
    refused = staff.post(f"{address}/{asked['id']}/answer", data=fields)
    assert refused.status_code == 422 and "Half of it." in refused.text and "many" in refused.text
    assert (
        staff.post(f"{address}/{asked['id']}/answer", data=fields | {"points": "20"}, follow_redirects=False).status_code == 303
    )
    assert link not in staff.get(address).text and link in staff.get(f"{address}?all=true").text

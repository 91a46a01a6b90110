"""What a student learns: nothing before he is told, then his own part; of anybody else's never anything."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.models import Course
from server.gradebook import setup
from server.leaderboard import events
from server.models import SimilarPair
from server.settings import Settings
from tests.server.cases.conftest import CASES, SIMILARITY, Cast, Office, code
from tests.server.cases.test_workflow import pass_deadline
from tests.server.test_access import api_routes

SECRETS = ["CANARY-REASON", "CANARY-BOB", "CANARY-BACK", "CANARY-FACT", str(SIMILARITY), "87.65", "exhibit"]
OF_OTHERS = ["bob", "Bob", "Tia", "Ivo"]  # names that stand on boards with good reason, but in no case of Ada's
PLACES = {"course": "dl-2026", "assignment": "tiny", "login": "ada", "team_id": 1, "token_id": 1}


@pytest.fixture(autouse=True)
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LIFETIME_S", 0.0)


def read_everything(client: TestClient, office: Office, pair: SimilarPair) -> dict[str, str]:
    """All that this person gets by asking every address there is, about the works of the case as well."""
    found = {}
    for route in api_routes(client.app.routes):
        if "GET" in route.methods and route.path not in ("/metrics", "/healthz", "/readyz"):
            for address in addresses(route, office, pair):
                answer = client.get(address)
                found[address] = answer.text
                assert answer.is_error or "similar" not in answer.text.lower(), "a refusal may repeat the address"
    return found


def addresses(route: APIRoute, office: Office, pair: SimilarPair) -> set[str]:
    values = PLACES | {"case_id": office.id, "party_id": 1, "pair_id": pair.id, "spot_check_id": 1, "draw_id": 1, "archive_id": 1}
    names = set(re.findall(r"{(\w+)}", route.path))
    return {
        route.path.format(
            **{name: values.get(name, 1) for name in names} | ({"submission_id": id} if "submission_id" in names else {})
        )
        for id in (pair.left_id, pair.right_id)
    }


def leaks(pages: dict[str, str], secrets: list[str]) -> list[tuple[str, str]]:
    return [(address, secret) for address, text in pages.items() for secret in secrets if secret in text]


@pytest.mark.long
def test_nobody_is_told_that_somebody_looks(
    office: Office, pair: SimilarPair, cast: Cast, visit: Callable[..., TestClient], client_as: Callable[[User], TestClient]
) -> None:
    """The same address answers the same, whether there is a case about him, about others or none."""
    for student in (cast.ada, cast.eve):
        pages = read_everything(visit(student), office, pair)
        assert leaks(pages, SECRETS) == []
        assert f"/cases/{office.id}" not in pages["/courses/dl-2026"] and "question" not in pages["/courses/dl-2026"]
        client = client_as(student)
        mine, missing = (client.get(f"{CASES}/{id}/own") for id in (office.id, 999))
        assert mine.status_code == missing.status_code == 404
        assert mine.json() | {"instance": ""} == missing.json() | {"instance": ""}
        assert code(client.post(f"{CASES}/{office.id}/own/statements", json={"text": "Is there something?"})) == "not_found"


def test_who_is_told_sees_his_own_part_and_nothing_of_the_other(
    session: Session, office: Office, pair: SimilarPair, cast: Cast, course: Course, visit, in_a_week: datetime
) -> None:
    course.second_eyes = True
    session.commit()
    office.tell("ada", in_a_week, "MESSAGE-ADA")
    office.tell("bob", in_a_week, "CANARY-BOB: a message to Bob")
    office.state("bob", "CANARY-BOB: she sat beside me")
    office.state("ada", "STATEMENT-ADA")
    office.decide("bob", "points", points=7, reasons="CANARY-BOB")
    office.decide("ada", "points", points=9, reasons="CANARY-REASON")
    office.do("send-back", "ada", "ivo", reason="CANARY-BACK")
    office.decide("ada", "points", points=9, reasons="REASONS-ADA")
    ada = visit(cast.ada)
    pages = read_everything(ada, office, pair)
    assert leaks(pages, SECRETS) == []
    page = pages[f"/courses/dl-2026/cases/{office.id}"]
    own = {address: text for address, text in pages.items() if "/cases" in address}
    assert leaks(own, OF_OTHERS) == []
    assert "MESSAGE-ADA" in page and "STATEMENT-ADA" in page and "CANARY-ADA" in page
    assert "REASONS-ADA" not in page, "a verdict that does not count yet is none"
    assert re.findall(r'<li class="asked"><i>(\d+)', page) == ["3"], "what many have is not in question"
    office.do("second", "ada", "ivo")
    page = ada.get(f"/courses/dl-2026/cases/{office.id}").text
    assert "REASONS-ADA" in page and "9 points taken off" in page


def test_the_api_gives_a_student_the_same(office: Office, cast: Cast, client_as, in_a_week: datetime) -> None:
    office.tell("ada", in_a_week)
    ada = client_as(cast.ada)
    own = ada.get(f"{CASES}/{office.id}/own").json()
    (work,) = own["works"]
    lines = work["files"][0]["lines"]
    assert [line["in_question"] for line in lines] == [False, False, True, False] and lines[2]["text"].endswith("CANARY-ADA")
    assert (own["can_state"], own["decision"]) == (True, None)
    (row,) = ada.get(f"{CASES}/own").json()
    assert row["id"] == office.id
    assert leaks({"own": str(own), "list": str(row)}, [*SECRETS[:5], *OF_OTHERS]) == []
    assert client_as(cast.bob).get(f"{CASES}/own").json() == []
    assert [code(ada.get(path)) for path in (CASES, f"{CASES}/{office.id}", f"{CASES}/{office.id}/export")] == ["staff_only"] * 3


def test_a_statement_by_the_page_and_what_comes_too_late_stays_in_the_form(
    session: Session, office: Office, cast: Cast, visit, in_a_week: datetime
) -> None:
    office.tell("ada", in_a_week)
    ada, page = visit(cast.ada), f"/courses/dl-2026/cases/{office.id}"
    assert "The staff have a question" in ada.get("/courses/dl-2026").text
    assert ada.submit_form(page, f"{page}/statement", text="First <b>words</b>").status_code == 303
    assert "First &lt;b&gt;words&lt;/b&gt;" in ada.get(page).text
    pass_deadline(session, office, "ada", by=timedelta(seconds=1))
    refused = ada.submit_form("/courses/dl-2026", f"{page}/statement", text="Written until the last second")
    assert refused.status_code == 409 and ">Written until the last second</textarea>" in refused.text
    assert "server&#39;s clock" in refused.text
    assert "First" in refused.text and "<textarea" not in ada.get(page).text


def test_changed_points_are_shown_with_a_way_to_the_reasons_for_who_was_told(
    session: Session, office: Office, cast: Cast, visit, in_a_week: datetime, course: Course
) -> None:
    office.tell("ada", in_a_week)
    office.state("ada", "Yes.")
    office.decide("ada", "points", points=30)
    course.tells_students = False
    session.commit()
    office.decide("bob", "points", points=85 - 5)
    for student, score, way in ((cast.ada, "50", True), (cast.bob, "0", False)):
        listed, shown = (
            visit(student).get(address).text for address in ("/courses/dl-2026", "/courses/dl-2026/assignments/tiny")
        )
        assert f"<b>{score}</b> / 100" in listed
        for text in (listed, shown):
            assert ("by a decision of the staff" in text, f'/cases/{office.id}">why' in text) == (True, way)
    assert "by a decision" not in visit(cast.eve).get("/courses/dl-2026").text
    students = visit(cast.tia).get("/courses/dl-2026/assignments/tiny/students").text
    assert "<b>50</b> / 100" in students and students.count("by a decision of the staff") == 2


def test_the_sheet_of_grades_leads_to_the_case_that_changed_points(
    session: Session, office: Office, cast: Cast, visit, in_a_week: datetime, course: Course, settings: Settings
) -> None:
    wanted, version = setup.offered(session, course=course, root=settings.assignments)
    setup.set_up(session, course=course, wanted=replace(wanted, is_shown=True), by=cast.ivo, version=version)
    session.commit()
    office.tell("ada", in_a_week)
    office.state("ada", "Yes.")
    office.decide("ada", "points", points=30)
    course.tells_students = False
    session.commit()
    office.decide("bob", "points", points=5)
    for student, way in ((cast.ada, True), (cast.bob, False)):
        text = visit(student).get("/courses/dl-2026/gradebook").text
        assert ("by a decision of the staff" in text, f'/cases/{office.id}">why' in text) == (True, way)


def test_points_that_a_rerun_took_are_not_taken_below_zero(
    session: Session, office: Office, cast: Cast, course: Course, visit, pair: SimilarPair, hand_in, grade
) -> None:
    from server.models import Run

    course.tells_students = False
    session.commit()
    office.decide("ada", "points", points=70)
    run = session.scalars(select(Run).where(Run.submission_id == pair.left_id)).one()
    office.client("tia").post(f"/api/v1/submissions/{pair.left_id}/rerun")
    session.expire_all()
    grade(session.get_one(type(pair.left), pair.left_id), 20)
    assert run.score == 80
    assert "<b>0</b> / 100" in visit(cast.ada).get("/courses/dl-2026").text
    assert office.decide("ada", "points", points=21).json()["most"] == "20"

"""The staff's pages, and the file that stands by itself."""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.models import Course
from server.declarations.schemas import DeclarationIn
from server.declarations.service import declare
from server.models import SimilarPair
from tests.server.cases.conftest import CASES, Cast, Office

PAGE = "/courses/dl-2026/cases"


@pytest.mark.parametrize(("language", "heading"), [("en", "Open a case"), ("zh_CN", "立案")])
def test_a_case_is_opened_by_the_page_and_what_was_typed_stays(
    pair: SimilarPair, cast: Cast, visit, language: str, heading: str
) -> None:
    tia, form = visit(cast.tia, language=language), f"{PAGE}/new?pair={pair.id}"
    page = tia.get(form).text
    assert f"<h1>{heading}</h1>" in page and page.count("checkbox") == page.count(" checked>") == 2
    refused = tia.submit_form(form, f"{PAGE}/new", pair=pair.id, reason="Only the reason", student=[])
    assert refused.status_code == 422 and ">Only the reason</textarea>" in refused.text and " checked>" not in refused.text
    opened = tia.submit_form(form, f"{PAGE}/new", pair=pair.id, reason="Line by line", student=["ada"])
    assert opened.status_code == 303
    shown = tia.get(opened.headers["location"]).text
    assert "Line by line" in shown and "CANARY-BOB" in shown and "Ada" in tia.get(PAGE).text


def test_each_step_by_forms_and_a_refusal_keeps_what_was_typed(
    session: Session, office: Office, cast: Cast, course: Course, visit, in_a_week: datetime
) -> None:
    course.second_eyes = True
    session.commit()
    tia, ivo, page = visit(cast.tia), visit(cast.ivo), f"{PAGE}/{office.id}"
    party = office.party("ada")
    act = f"{page}/parties/{party['id']}"
    refused = tia.submit_form(
        page, f"{act}/tell", message="In my words", heard_until="2020-01-01T10:00", version=party["version"]
    )
    assert refused.status_code == 422 and ">In my words</textarea>" in refused.text and 'value="2020-01-01T10:00"' in refused.text
    until = f"{in_a_week:%Y-%m-%d}T23:59"
    assert (
        tia.submit_form(page, f"{act}/tell", message="In my words", heard_until=until, version=party["version"]).status_code
        == 303
    )
    told = office.party("ada")
    assert told["heard_until"].startswith(f"{in_a_week:%Y-%m-%d}T15:59"), "in the course's zone"
    stale = ivo.submit_form(page, f"{act}/verdict", verdict="none", reasons="He explained", version=party["version"])
    assert stale.status_code == 409 and ">He explained</textarea>" in stale.text and f'value="{told["version"]}"' in stale.text
    for fields, status in (({}, 422), ({"verdict": "points", "points": "many"}, 422), ({"verdict": "none", "points": "1"}, 422)):
        assert ivo.submit_form(page, f"{act}/verdict", version=told["version"], **fields).status_code == status
    assert ivo.submit_form(page, f"{act}/verdict", verdict="none", version=told["version"]).status_code == 303
    assert "Share this verdict" in tia.get(page).text and "Share this verdict" not in ivo.get(page).text
    waits = office.party("ada")["version"]
    back = tia.submit_form(page, f"{act}/send-back", reason="Ask him first", version=waits)
    assert back.status_code == 303 and "Ask him first" in ivo.get(page).text
    assert ivo.submit_form(page, f"{act}/verdict", verdict="none", version=waits + 1).status_code == 303
    shared = tia.submit_form(page, f"{act}/second", version=waits + 2)
    assert shared.status_code == 303 and "nothing held against the student" in tia.get(PAGE).text
    assert "shared a verdict in" in tia.get("/courses/dl-2026/audit").text


def test_the_list_says_what_is_awaited_from_whom(
    session: Session, office: Office, cast: Cast, course: Course, visit, in_a_week: datetime
) -> None:
    course.second_eyes = True
    session.commit()
    office.tell("ada", in_a_week)
    office.decide("bob", "none", reasons="")
    text = re.sub(r"<[^>]+>", "", visit(cast.tia).get(PAGE).text)
    assert "statement due" in text and "second opinion" in text and "from somebody other than Tia" in text
    assert "1 open" in visit(cast.tia).get("/courses/dl-2026").text


def test_without_names_no_name_is_left_on_the_page_or_in_the_file(office: Office, cast: Cast, visit, in_a_week: datetime) -> None:
    office.tell("ada", in_a_week, "Dear Ada, did you work with bob?")
    office.state("ada", "No, Bob did it himself. Ada")
    tia, page = visit(cast.tia), f"{PAGE}/{office.id}"
    for address in (f"{page}?anonymous=true", f"{page}/export?anonymous=true"):
        text = tia.get(address).text.replace("CANARY-ADA", "").replace("CANARY-BOB", "")
        assert not re.findall(r"\b(ada|bob)\b", text, re.IGNORECASE)
        assert "Dear A, did you work with B?" in text and "# A's own words" in unescape(text)
        assert f"/submissions/{office.party('ada')['submission_id']}" not in text
    assert "Dear Ada" in tia.get(page).text


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_file_needs_nothing_else(office: Office, cast: Cast, visit, language: str) -> None:
    answer = visit(cast.tia, language=language).get(f"{PAGE}/{office.id}/export")
    assert answer.headers["content-disposition"] == f'attachment; filename="case-{office.id}.html"'
    text = answer.text
    assert "CANARY-ADA" in text and "CANARY-BOB" in text and "CANARY-REASON" in text
    assert not re.findall(r"<script|<link|<img|<form|@import|url\(|https?://|src=", text)
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', text))
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len(set(ids)) and set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
    assert ("个案" in text) == (language == "zh_CN")


def test_several_exhibits_stand_on_one_page_each_with_its_own_places(
    pair: SimilarPair, cast: Cast, client_as: Callable[[User], TestClient], make_pair: Callable[..., SimilarPair], visit
) -> None:
    again = make_pair(pair.right, pair.left)
    body = {"pairs": [pair.id, again.id], "students": ["ada"], "reason": "Both ways"}
    case = client_as(cast.tia).post(CASES, json=body).json()
    html = visit(cast.tia).get(f"{PAGE}/{case['id']}").text
    ids = re.findall(r' id="([^"]+)"', html)
    places = re.findall(r'href="#(x[^"]+)"', html)
    assert len(ids) == len(set(ids)) and len(places) == 2 * 2 and set(places) <= set(ids), "a link to each work"
    marked = re.findall(r'<li id="x\d+-(left|right)-\d+" class="is-(?:unique|rare)"', html)
    assert sorted(marked) == ["left"] * 2 + ["right"] * 4


def test_a_work_by_itself_is_shown_alone_with_what_was_declared(
    session: Session, pair: SimilarPair, cast: Cast, client_as: Callable[[User], TestClient], visit
) -> None:
    declared = DeclarationIn(sources=[{"kind": "person", "what": "a friend", "used_for": "ideas", "names": ["double"]}])
    declare(session, submission=pair.left, by=cast.ada, declared=declared)
    session.commit()
    body = {"submission": pair.left_id, "students": ["ada"], "reason": "Ask about it"}
    case = client_as(cast.tia).post(CASES, json=body).json()
    for address in (f"{PAGE}/{case['id']}", f"{PAGE}/{case['id']}/export"):
        html = visit(cast.tia).get(address).text
        assert html.count('class="pane"') == 1 and "CANARY-ADA" in html and "CANARY-BOB" not in html
        assert "declared: a friend · ideas" in html and "only these two have it" not in html
        marked = re.findall(r'<li id="x\d+-left-(\d+)" class="is-nothing is-declared"', html)
        assert marked[0] == "1" and "0" not in marked, "the function that was named, not the comment above it"

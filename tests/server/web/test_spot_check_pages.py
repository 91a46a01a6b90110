"""Spot checks at a browser without scripts: draw, read, save; two readers; and nothing of it for students."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.models import Submission
from server.spotchecks.models import Draw

TINY = "/courses/dl-2026/assignments/tiny"
PAGE = f"{TINY}/spot-checks"
CANARY = "CANARY-91c2"
Visit = Callable[..., TestClient]
SOURCE = "def double(x):\n    y = 2 * x + 0 * x.sum()\n    return y\n"


@pytest.fixture
def submission(
    student: User, assignment: Assignment, hand_in: Callable[..., Submission], grade: Callable[..., object]
) -> Submission:
    submission = hand_in(assignment, student, SOURCE)
    grade(submission, 80)
    return submission


@pytest.fixture
def staff(make_member: Callable[..., User]) -> dict[str, User]:
    return {login: make_member(login, Role.ta) for login in ("tia", "tom")}


@pytest.fixture
def draw(visit: Visit, staff: dict[str, User], submission: Submission, session: Session) -> Draw:
    """Ada's, given to Tia to read."""
    answer = visit(staff["tia"]).submit_form(PAGE, PAGE, per_section=2, readers=["tia"])
    assert answer.status_code == 303, answer.text
    return session.scalars(select(Draw)).one()


def version_of(html: str) -> str:
    return re.search(r'name="version" value="(\d+)"', html)[1]


def test_a_draw_lists_its_students_and_how_to_draw_them_again(
    visit: Visit, staff: dict[str, User], draw: Draw, make_member: Callable[..., User]
) -> None:
    make_member("zoe")
    tom = visit(staff["tom"], language="zh")
    html = tom.get(PAGE).text
    assert "Ada" in html and "待阅读" in html and f"gradus spot-check replay dl-2026/tiny {draw.spot_check_id}" in html
    assert f"printf %s {draw.spot_check.seed}:ada | sha256sum" in html
    assert html.count("1 / 2") == 2  # of two students one was never drawn, one once


def test_an_empty_draw_says_so_and_keeps_what_was_typed(visit: Visit, staff: dict[str, User], assignment: Assignment) -> None:
    answer = visit(staff["tia"]).submit_form(PAGE, PAGE, per_section=7, seed="5eed")
    assert answer.status_code == 409 and "Nobody has handed in yet" in answer.text
    assert 'value="7"' in answer.text and 'value="5eed"' in answer.text


def test_code_stands_beside_questions_about_it(visit: Visit, staff: dict[str, User], draw: Draw) -> None:
    html = visit(staff["tia"]).get(f"{PAGE}/draws/{draw.id}").text
    assert "solution.py line 2:\n    y = 2 * x + 0 * x.sum()\n" in html
    assert "<i>2</i>" in html and "80" in html
    zh = visit(staff["tom"], language="zh").get(f"{PAGE}/draws/{draw.id}").text
    assert "solution.py 第 2 行" in zh


def test_what_was_said_is_kept_and_leads_to_a_case_only_where_nothing_was_explained(
    visit: Visit, staff: dict[str, User], draw: Draw, submission: Submission, session: Session
) -> None:
    tia, where = visit(staff["tia"]), f"{PAGE}/draws/{draw.id}"
    case = f"/courses/dl-2026/cases/new?submission={submission.id}"
    for impression in ("own_work", "not_explained"):
        answer = tia.submit_form(
            where, where, version=version_of(tia.get(where).text), question=["Why?", ""], answer=["Because.", ""],
            impression=impression, note="calm",
        )  # fmt: skip
        assert answer.headers["location"] == f"{where}?saved=1"
        assert (case in tia.get(where).text) == (impression == "not_explained")
    session.expire_all()
    assert (draw.answers, draw.note, draw.impression) == ([{"question": "Why?", "answer": "Because."}], "calm", "not_explained")
    assert "1 of 1 read" in tia.get(PAGE).text


def test_who_saves_second_reads_both_and_loses_nothing(
    visit: Visit, staff: dict[str, User], draw: Draw, session: Session
) -> None:
    tia, tom, where = visit(staff["tia"]), visit(staff["tom"]), f"{PAGE}/draws/{draw.id}"
    old = version_of(tom.get(where).text)
    tia.submit_form(where, where, version=old, question=["Q"], answer=["Tia heard this"], impression="unsure", note="")
    late = tom.submit_form(
        where, where, version=old, question=["Q"], answer=["Tom heard that"], impression="own_work", note="<b>"
    )
    assert late.status_code == 409 and "Tia saved this while you were typing" in late.text
    assert "Tia heard this" in late.text and "Tom heard that" in late.text and "&lt;b&gt;" in late.text
    session.expire_all()
    assert draw.answers[0]["answer"] == "Tia heard this"
    again = tom.submit_form(
        where, where, version=version_of(late.text), question=["Q"], answer=["both"], impression="unsure", note=""
    )
    assert again.status_code == 303


def test_somebody_else_can_be_asked_to_read(visit: Visit, staff: dict[str, User], draw: Draw, session: Session) -> None:
    where = f"{PAGE}/draws/{draw.id}"
    visit(staff["tia"]).submit_form(where, f"{where}/reader", reader="tom")
    session.expire_all()
    assert draw.reader.login == "tom"


def test_no_student_ever_sees_a_spot_check(
    visit: Visit,
    client_as: Callable[[User], TestClient],
    student: User,
    staff: dict[str, User],
    draw: Draw,
    submission: Submission,
) -> None:
    tia, where = visit(staff["tia"]), f"{PAGE}/draws/{draw.id}"
    tia.submit_form(
        where, where, version=draw.version, question=[CANARY], answer=[CANARY], impression="not_explained", note=CANARY
    )
    assert CANARY in tia.get(where).text
    shared = ["/courses/dl-2026", TINY, f"{TINY}/submissions", f"{TINY}/leaderboard", f"/submissions/{submission.id}"]
    ada, program = visit(student), client_as(student)
    texts = {path: ada.get(path).text for path in ["/", *shared]} | {
        f"API {path}": program.get(f"/api/v1{path}").text for path in shared
    }
    secrets = (CANARY, draw.spot_check.seed, "spot-check", "spot_check", "not_explained")
    assert [(path, secret) for path, text in texts.items() for secret in secrets if secret in text] == []
    assert {ada.get(path).status_code for path in (PAGE, where)} == {403}

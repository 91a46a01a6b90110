"""The wall, signing in at a browser, the matrix, marking by hand; in both languages."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.models import Course, Role

PAGE = "/courses/dl-2026/attendance"
Visit = Callable[..., object]
CODE = re.compile(r'aria-label="Code: ((?:\w ){5}\w)"')


@pytest.fixture
def people(make_member: Callable[..., User]) -> dict[str, User]:
    return {"tia": make_member("tia", Role.ta), "ada": make_member("ada"), "bob": make_member("bob")}


@pytest.fixture
def roll_call(visit: Visit, people: dict[str, User]) -> str:
    """Its address."""
    answer = visit(people["tia"]).submit_form(PAGE, PAGE, title="Week 1", minutes=10, late_after=5)
    assert answer.status_code == 303
    return answer.headers["location"]


def test_from_the_wall_to_the_students_own_page(visit: Visit, people: dict[str, User], roll_call: str) -> None:
    tia, ada = visit(people["tia"]), visit(people["ada"])
    wall = tia.get(f"{roll_call}/wall").text
    code = CODE.search(wall)[1].replace(" ", "")
    assert "<svg" in wall and "Ada" not in wall and "of 2 here" in wall
    asked = ada.get(f"{roll_call}/sign-in?code={code}").text
    assert f'value="{code}"' in asked
    assert ada.submit_form(f"{roll_call}/sign-in", f"{roll_call}/sign-in", code=code).status_code == 303
    assert "You can put the phone away" in ada.get(f"{roll_call}/sign-in").text
    assert "present" in ada.get(PAGE).text
    assert "Ada" not in tia.get(f"{roll_call}/wall/live").text and "Ada" in tia.get(f"{roll_call}/wall/live?names=1").text


def test_a_wrong_code_says_so_and_keeps_what_was_typed(visit: Visit, people: dict[str, User], roll_call: str) -> None:
    ada = visit(people["ada"], language="zh_CN")
    answer = ada.submit_form(f"{roll_call}/sign-in", f"{roll_call}/sign-in", code="QQQQQQ")
    assert answer.status_code == 409 and "签到码不对" in answer.text and 'value="QQQQQQ"' in answer.text


def test_one_browser_with_two_students_is_a_fact_for_staff_alone(
    visit: Visit, people: dict[str, User], roll_call: str, session: Session
) -> None:
    tia, ada, bob = (visit(people[name]) for name in ("tia", "ada", "bob"))
    for who in (ada, bob):
        who.cookies.set("gradus_device", "ab" * 16, domain="gradus.test", path="/courses")
        code = CODE.search(tia.get(f"{roll_call}/wall").text)[1].replace(" ", "")
        assert who.submit_form(f"{roll_call}/sign-in", f"{roll_call}/sign-in", code=code).status_code == 303
    assert "same browser as Bob" in tia.get(roll_call).text
    assert "same browser" not in ada.get(PAGE).text


def test_names_are_marked_without_scripts_and_alone_with_them(visit: Visit, people: dict[str, User], roll_call: str) -> None:
    tia = visit(people["tia"])
    sent = {"login": "ada", "seen": 0, "presence": "late"}
    answer = tia.submit_form(roll_call, f"{roll_call}/marks", **sent)
    assert answer.headers["location"].endswith("#student-ada")
    stale = tia.submit_form(roll_call, f"{roll_call}/marks", **sent | {"presence": "absent"})
    assert stale.status_code == 409 and "Nothing was overwritten" in stale.text
    tia.headers["hx-request"] = "true"
    alone = tia.submit_form(roll_call, f"{roll_call}/marks", login="bob", seen=0, presence="excused")
    assert alone.status_code == 200 and "Say why" in alone.text and "Ada" not in alone.text and "<html" not in alone.text


def test_what_cannot_be_opened_keeps_what_was_typed(visit: Visit, people: dict[str, User], course: Course) -> None:
    answer = visit(people["tia"]).submit_form(PAGE, PAGE, title="Week 9", minutes=10, late_after=11)
    assert answer.status_code == 422 and 'value="Week 9"' in answer.text


def test_everything_is_said_in_chinese_too(visit: Visit, people: dict[str, User], roll_call: str) -> None:
    tia = visit(people["tia"], language="zh_CN")
    tia.submit_form(roll_call, f"{roll_call}/marks", login="ada", seen=0, presence="present")
    assert "出勤" in tia.get(PAGE).text and "点名" in tia.get("/courses/dl-2026/audit").text
    assert "课堂表现" in tia.get("/courses/dl-2026/participation").text
    assert "我的课堂表现" in visit(people["ada"], language="zh_CN").get("/courses/dl-2026/participation").text

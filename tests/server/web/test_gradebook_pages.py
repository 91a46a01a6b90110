"""The gradebook in a browser without scripts: the set-up, the table, a sheet, what if, warnings."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course, Role, Section
from server.courses.service import enroll
from tests.server.web.conftest import Visitor

PAGE = "/courses/dl-2026/gradebook"
FIELD = re.compile(r'<input (?:id="[^"]*" )?name="([^"]+)"[^>]*?value="([^"]*)"')
CHOSEN = re.compile(r'<select id="[^"]*" name="([^"]+)">(.*?)</select>', re.S)
OPTION = re.compile(r'<option value="([^"]*)" selected>')


@pytest.fixture
def ines(make_member: Callable[..., User], assignment: Assignment) -> User:
    return make_member("ines", Role.instructor)


@pytest.fixture
def staff(visit: Callable[..., Visitor], ines: User) -> Visitor:
    return visit(ines)


def filled(page: str) -> dict[str, str]:
    """What a browser would send back unchanged."""
    version = re.search(r'name="version" value="(\d+)"', page)
    fields = {name: unescape(value) for name, value in FIELD.findall(page) if name not in ("csrf_token", "is_shown", "is_over")}
    chosen = {name: found[0] for name, options in CHOSEN.findall(page) if (found := OPTION.findall(options))}
    return fields | chosen | {"version": version[1]}


def set_up(staff: Visitor, **changed: str) -> object:
    fields = filled(staff.get(f"{PAGE}/set-up").text) | changed
    return staff.submit_form(f"{PAGE}/set-up", f"{PAGE}/set-up", **fields)


def test_a_proposal_is_saved_as_it_is_and_the_table_follows(staff: Visitor, make_member: Callable[..., User]) -> None:
    make_member("ada")
    assert "No gradebook yet" in staff.get(PAGE).text and "A proposal" in staff.get(f"{PAGE}/set-up").text
    assert set_up(staff).headers["location"] == PAGE
    table = staff.get(PAGE).text
    assert "Ada" in table and "Students see none of this yet" in table


def test_a_wrong_set_up_keeps_what_was_typed_and_names_the_field(staff: Visitor) -> None:
    answer = set_up(staff, **{"weight-0": "eighty", "new-title": "Oral exam", "in-new": "0"})
    assert answer.status_code == 422 and "“eighty” is not a number" in answer.text
    assert 'value="eighty"' in answer.text and 'value="Oral exam"' in answer.text
    assert re.search(r'id="weight-0"[^>]*aria-invalid', answer.text)
    answer = set_up(staff, **{"weight-0": "10"})
    assert answer.status_code == 422 and "they have to add up to 100" in answer.text


def test_the_second_of_two_who_set_up_is_told_and_loses_nothing(staff: Visitor) -> None:
    fields = filled(staff.get(f"{PAGE}/set-up").text)
    assert set_up(staff).status_code == 303
    late = staff.submit_form(f"{PAGE}/set-up", f"{PAGE}/set-up", **fields | {"name-0": "My homework"})
    assert late.status_code == 409 and "Somebody has changed the set-up" in late.text and 'value="My homework"' in late.text


def test_the_table_sorts_filters_and_searches(
    staff: Visitor, make_member: Callable[..., User], session: Session, course: Course, assignment: Assignment,
    hand_in: Callable, grade: Callable,
) -> None:  # fmt: skip
    people = {login: make_member(login) for login in ("ada", "bob", "cleo")}
    section = Section(course_id=course.id, name="Class 2")
    session.add(section)
    enroll(session, course=course, user=people["bob"], role=Role.student, section=section)
    session.commit()
    for login, score in (("ada", 40), ("bob", 90)):
        grade(hand_in(assignment, people[login]), score)
    set_up(staff)

    def order(query: str) -> list[str]:
        return re.findall(r'<th scope="row"><a class="quiet" href="[^"]*/students/(\w+)"', staff.get(f"{PAGE}{query}").text)

    assert order("") == ["ada", "bob", "cleo"]
    assert order("?sort=tiny&down=true") == ["bob", "ada", "cleo"]
    assert order("?section=Class+2") == ["bob"] and order("?search=CLE") == ["cleo"]
    assert "Nobody here" in staff.get(f"{PAGE}?search=nobody").text


def test_a_cell_is_set_by_hand_and_what_was_refused_is_still_there(staff: Visitor, make_member: Callable[..., User]) -> None:
    make_member("ada")
    set_up(staff)
    sheet, form = f"{PAGE}/students/ada", f"{PAGE}/students/ada/marks"
    wrong = staff.submit_form(sheet, form, column="tiny", kind="points", points="130", reason="oral", seen="0")
    assert wrong.status_code == 422 and "between 0 and 100" in wrong.text and 'value="130"' in wrong.text
    right = staff.submit_form(sheet, form, column="tiny", kind="points", points="71.5", reason="oral", seen="0")
    assert right.headers["location"] == f"{sheet}#column-tiny"
    late = staff.submit_form(sheet, form, column="tiny", kind="excused", reason="ill", seen="0")
    assert late.status_code == 409 and "has set this since you looked" in late.text
    page = staff.get(sheet).text
    assert "71.5" in page and "set by Ines" in page and "All that was set by hand" in page
    assert "set “tiny” of ada by hand" in staff.get("/courses/dl-2026/audit").text


@pytest.mark.parametrize(("language", "words"), [("en", "Grades are not shown yet"), ("zh_CN", "成绩尚未开放")])
def test_a_student_sees_the_own_sheet_once_it_is_shown(
    visit: Callable[..., Visitor], staff: Visitor, make_member: Callable[..., User], language: str, words: str
) -> None:
    ada = visit(make_member("ada"), language=language)
    make_member("bob")
    set_up(staff)
    assert words in ada.get(PAGE).text
    set_up(staff, is_shown="on")
    page = ada.get(PAGE).text
    assert words not in page and "bob" not in page and "Bob" not in page


def test_what_if_reckons_with_the_same_rules_and_saves_nothing(
    visit: Callable[..., Visitor], staff: Visitor, make_member: Callable[..., User]
) -> None:
    ada = visit(make_member("ada"))
    names = {"name-0": "Homework", "weight-0": "100", "weight-1": "0", "weight-2": "0", "is_shown": "on"}
    assert set_up(staff, **names).status_code == 303
    assert "Then it would be 81 so far" in ada.get(f"{PAGE}?if-tiny=81").text
    assert "Then it would be" not in ada.get(PAGE).text
    assert "between 0 and 100" in ada.get(f"{PAGE}?if-tiny=much").text


def test_who_was_not_seen_for_weeks_is_named_and_a_talk_is_written_down(
    staff: Visitor, make_member: Callable[..., User], session: Session, assignment: Assignment
) -> None:
    make_member("ada")
    set_up(staff)
    page = f"{PAGE}/warnings"
    assert "Nobody stands out" in staff.get(page).text
    found = session.get_one(Assignment, assignment.id)
    found.opens_at -= timedelta(days=20)
    session.commit()
    assert "No sign of life for 27 days" in staff.get(page).text
    form = f"{page}/ada"
    assert staff.submit_form(page, form, state="closed", note="", seen="0").status_code == 422
    assert staff.submit_form(page, form, state="written", note="by mail", seen="0").status_code == 303
    assert staff.submit_form(page, form, state="answered", note="", seen="0").status_code == 409
    assert "by mail" in staff.get(page).text
    assert "wrote down how far the staff are with ada" in staff.get("/courses/dl-2026/audit").text


def test_statistics_stand_beside_their_drawing(
    staff: Visitor, make_member: Callable[..., User], assignment: Assignment, hand_in: Callable, grade: Callable
) -> None:
    for number, score in enumerate((20, 40, 60, 100)):
        grade(hand_in(assignment, make_member(f"s{number}")), score)
    set_up(staff)
    page = staff.get(f"{PAGE}/statistics").text
    assert "mean 55 · median 50 · middle half 35 to 70 · from 20 to 100" in page

"""Pages of a roster, as an instructor and a student see them."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses import roster
from server.courses.models import Course, Role
from server.courses.roster_exports import roster_csv
from server.courses.roster_files import read_sheet
from server.courses.roster_rules import read_entries
from server.database import current_time
from server.spreadsheet import as_cell

PAGE = "/courses/dl-2026"
CLASS = "学号,姓名,班级,备注\n7,林晓,一班,x\n8,马腾,二班,x\n".encode("gb18030")


@pytest.fixture
def zhou(make_member: Callable[..., User]) -> User:
    return make_member("zhou", Role.instructor)


@pytest.fixture
def instructor(client_as: Callable[[User], TestClient], zhou: User) -> TestClient:
    return client_as(zhou)


def send(client: TestClient, content: bytes):
    return client.post(f"{PAGE}/roster", files={"file": ("class.csv", content)})


def version_in(page: str) -> str:
    return re.search(r'name="version" value="(\d+)"', page).group(1)


def test_a_file_is_seen_and_then_confirmed(instructor: TestClient, student: User) -> None:
    seen = send(instructor, CLASS)
    assert "林晓" in seen.text and "备注" in seen.text and "withdraw Ada" in seen.text
    assert "林晓" not in instructor.get(f"{PAGE}/people").text
    done = instructor.post(str(seen.url), data={"version": version_in(seen.text), "withdraw": ["ada"]})
    assert "The roster is up to date" in done.text and "林晓" in done.text
    assert "Ada" in instructor.get(f"{PAGE}/people?standing=withdrawn").text
    assert "Upload it once more" in instructor.post(str(seen.url), data={"version": "1"}).text


def test_a_preview_that_is_old_is_shown_anew_and_keeps_what_was_ticked(
    instructor: TestClient, session: Session, course: Course, zhou: User, student: User
) -> None:
    seen = send(instructor, CLASS)
    roster.add_person(session, course=course, by=zhou, typed={"student_number": "7", "name": "林晓"})
    session.commit()
    again = instructor.post(str(seen.url), data={"version": version_in(seen.text), "withdraw": ["ada"]})
    assert again.status_code == 409 and "Somebody has changed the roster" in again.text
    assert 'value="ada" checked' in again.text
    assert version_in(again.text) != version_in(seen.text)


def test_faults_stand_in_a_table_by_line_and_column(instructor: TestClient) -> None:
    seen = send(instructor, CLASS + "8,丙,,\n,丁,,\n".encode("gb18030"))
    assert "stands in line 4 as well" in seen.text and "The student number is missing." in seen.text
    assert instructor.post(str(seen.url), data={"version": version_in(seen.text)}).status_code == 422


def test_what_cannot_be_read_is_said_on_the_page(instructor: TestClient) -> None:
    assert "no column is called" in send(instructor, b"a,b\n1,2\n").text


def test_people_are_found_by_name_and_section(instructor: TestClient) -> None:
    seen = send(instructor, CLASS)
    instructor.post(str(seen.url), data={"version": version_in(seen.text)})
    found = instructor.get(f"{PAGE}/people", params={"q": "马"}).text
    assert "马腾" in found and "林晓" not in found
    section = instructor.get("/api/v1/courses/dl-2026/sections").json()[0]
    found = instructor.get(f"{PAGE}/people", params={"section": section["id"]}).text
    assert ("林晓" in found) != ("马腾" in found)


def test_what_was_typed_stays_when_it_is_refused(instructor: TestClient) -> None:
    answer = instructor.post(f"{PAGE}/people", data={"name": "林晓", "student_number": "", "email": "nonsense"})
    assert answer.status_code == 422
    assert 'value="林晓"' in answer.text and 'value="nonsense"' in answer.text and "The student number is missing." in answer.text


def test_a_withdrawn_student_is_told_on_the_course_page(
    session: Session, course: Course, zhou: User, student: User, client_as: Callable[[User], TestClient]
) -> None:
    roster.withdraw(session, course=course, by=zhou, login="ada", now=current_time(session))
    session.commit()
    assert "You have withdrawn from this course" in client_as(student).get(PAGE).text
    assert "withdrawn" in client_as(student).get("/").text


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_of_a_download_is_a_formula(cell: str) -> None:
    assert as_cell(cell) == "'" + cell
    assert as_cell("x" + cell) == "x" + cell


def test_a_download_can_be_imported_as_it_is(session: Session, course: Course, zhou: User) -> None:
    roster.add_person(session, course=course, by=zhou, typed={"student_number": "07", "name": "=evil", "section": "一班"})
    text = roster_csv(each for each in roster.list_members(session, course=course) if each.role is Role.student)
    assert "'=evil" in text
    (entry,) = read_entries(read_sheet(text.encode())).entries
    assert (entry.student_number, entry.section, entry.role) == ("07", "一班", Role.student)

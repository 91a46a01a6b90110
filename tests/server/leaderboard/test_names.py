"""Where a course wants pseudonyms, no student learns who is who from a board; staff see both."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import BoardNames, Role
from server.models import Submission

BOARD = "/api/v1/courses/dl-2026/assignments/contest/leaderboard"
PAGE = "/courses/dl-2026/assignments/contest/leaderboard"

Client = Callable[[User], TestClient]


@pytest.fixture
def people(
    session: Session, contest: Assignment, make_member: Callable[..., User], score: Callable[..., Submission]
) -> list[User]:
    contest.course.board_names = BoardNames.pseudonyms
    session.commit()
    people = [make_member(login) for login in ("adalovelace", "bobkahn")]
    for place, person in enumerate(people):
        score(person, 180 - 40 * place)
    return people


def test_students_read_pseudonyms_of_others_and_both_names_of_themselves(client_as: Client, people: list[User]) -> None:
    ada, bob = (client_as(person).get(BOARD).json()["rows"] for person in people)
    assert (ada[0]["name"], bob[1]["name"]) == ("Adalovelace", "Bobkahn")
    assert (ada[1]["name"], bob[0]["name"]) == (bob[1]["alias"]["en"], ada[0]["alias"]["en"])
    assert ada[0]["alias"]["zh"] != ada[0]["alias"]["en"]


@pytest.mark.parametrize(
    "path", [BOARD, PAGE, f"{PAGE}/live", f"{PAGE}?display=1", f"{BOARD}/download", f"{BOARD}/download?format=json"]
)
def test_no_byte_of_a_board_names_another_student(client_as: Client, people: list[User], path: str) -> None:
    text = client_as(people[0]).get(path).text.lower()
    assert "bobkahn" not in text and f"person-{people[1].id}" not in text
    assert "adalovelace" in text or "display" in path


def test_a_search_finds_pseudonyms_and_no_real_name(
    client_as: Client, people: list[User], make_member: Callable[..., User]
) -> None:
    student, staff = client_as(people[0]), client_as(make_member("ta", Role.ta))
    alias = staff.get(BOARD).json()["rows"][1]["alias"]
    for text in (alias["en"].lower(), alias["zh"]):
        assert [row["rank"] for row in student.get(BOARD, params={"search": text}).json()["rows"]] == [2]
    assert student.get(BOARD, params={"search": "bobkahn"}).json()["rows"] == []
    assert staff.get(BOARD, params={"search": "bobkahn"}).json()["rows"][0]["real_name"] == "Bobkahn"


def test_on_the_wall_everybody_has_a_pseudonym_even_when_staff_open_it(
    client_as: Client, people: list[User], make_member: Callable[..., User]
) -> None:
    wall = client_as(make_member("ta", Role.ta)).get(f"{PAGE}?display=1").text.lower()
    assert "bobkahn" not in wall and "adalovelace" not in wall

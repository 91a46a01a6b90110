"""The list, the door and the room as a student has them at every moment; of the paper nothing stands on them."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.database import current_time
from server.exams.models import Exam
from tests.server.exams.conftest import COURSE, Tab

PAGES = f"/courses/{COURSE}/exams"
DOOR, ROOM = f"{PAGES}/mixed", f"{PAGES}/mixed/room"
OF_THE_PAPER = ("A sum", "In your own words", "double")  # titles of questions, and the code


@pytest.fixture
def client(client_as: Callable[[User], TestClient], student: User) -> TestClient:
    """One browser, whose tabs share a session."""
    return client_as(student)


@pytest.fixture
def tab(client: TestClient) -> Callable[[], Tab]:
    return lambda: Tab(client)


@pytest.fixture
def page(client: TestClient) -> Callable[..., str]:
    def ask(path: str, **headers: str) -> str:
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    return ask


@pytest.mark.parametrize(
    ("dates", "says", "can_start"),
    [
        ({"opens_in_s": 600}, "Opens in", False),
        ({}, "Start; my time begins now", True),
        ({"opens_in_s": -7200, "closes_in_s": -3600}, "The window has closed", False),
        ({"networks": ["192.0.2.0/24"]}, "Not from here", False),
    ],
)
def test_a_door_says_what_can_be_done_and_shows_nothing_of_the_paper(
    make_exam: Callable[..., Exam], page: Callable[..., str], dates: dict, says: str, can_start: bool
) -> None:
    make_exam(**dates)
    html = page(DOOR)
    assert says in html
    assert ('id="start"' in html) == can_start
    assert [text for text in OF_THE_PAPER if text in html] == []
    assert 'href="/courses/dl-2026/exams/mixed"' in page(PAGES)


def test_who_sits_goes_on_from_the_door_and_another_browser_is_told_that_it_has_to_ask(
    exam: Exam, page: Callable[..., str], tab: Callable[..., Tab]
) -> None:
    here = tab()
    here.start()
    assert "To go on here you need" not in page(DOOR, **{"User-Agent": here.agent})
    assert "To go on here you need" in page(DOOR, **{"User-Agent": "another browser"})


def test_the_room_is_empty_and_its_questions_are_for_the_place_where_one_sits(
    exam: Exam, page: Callable[..., str], tab: Callable[..., Tab]
) -> None:
    first = tab()
    first.start()
    assert [text for text in OF_THE_PAPER if text in page(ROOM)] == []
    asked = first.client.get(f"{ROOM}/questions", headers=first.headers)
    assert (asked.status_code, "In your own words" in asked.text, "CANARY" in asked.text) == (200, True, False)
    second = tab()
    second.enter()
    for key in (first.key, "", "nonsense"):
        refused = first.client.get(f"{ROOM}/questions", headers=first.headers | {"X-Exam-Place": key})
        assert (refused.status_code, "In your own words" in refused.text) == (409, False)


def test_without_a_sitting_the_room_leads_to_the_door(exam: Exam, client: TestClient) -> None:
    answer = client.get(ROOM, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, DOOR)


def test_who_has_handed_in_reads_the_receipt_and_after_the_release_is_led_to_the_paper(
    exam: Exam, page: Callable[..., str], tab: Callable[..., Tab], session: Session
) -> None:
    here = tab()
    here.start()
    here.save(total="12")
    receipt = here.hand_in().json()["receipt"]
    html = page(DOOR)
    assert receipt in html
    assert f"{DOOR}/paper" not in html
    exam.assignment.released_at = current_time(session)
    session.commit()
    assert f"{DOOR}/paper" in page(DOOR)


def test_practice_can_be_taken_again(make_exam: Callable[..., Exam], page: Callable[..., str], tab: Callable[..., Tab]) -> None:
    make_exam(is_practice=True)
    here = tab()
    here.start()
    here.hand_in()
    assert "Start again; my time begins now" in page(DOOR)


@pytest.mark.parametrize("path", [PAGES, DOOR, ROOM])
def test_pages_are_in_chinese_too(
    exam: Exam, page: Callable[..., str], tab: Callable[..., Tab], client: TestClient, path: str
) -> None:
    tab().start()
    client.cookies.set("gradus_language", "zh_CN")
    assert "考试" in page(path)


def test_a_practice_paper_can_be_read_once_it_is_handed_in_and_not_while_one_sits_again(
    make_exam: Callable[..., Exam], client: TestClient, tab: Callable[[], Tab], page: Callable[..., str]
) -> None:
    make_exam(is_practice=True)
    mine = tab()
    mine.start()
    mine.save(total="12")
    assert client.get(f"{DOOR}/paper").status_code == 404
    mine.hand_in()
    assert f'href="{DOOR}/paper"' in page(DOOR)
    paper = page(f"{DOOR}/paper")
    assert "A sum" in paper
    assert "/submissions/" not in paper  # which opens with a release alone
    mine.start()
    assert client.get(f"{DOOR}/paper").status_code == 404


def test_the_paper_of_an_exam_is_not_read_before_its_release(exam: Exam, client: TestClient, tab: Callable[[], Tab]) -> None:
    mine = tab()
    mine.start()
    mine.save(total="12")
    mine.hand_in()
    assert client.get(f"{DOOR}/paper").status_code == 404

"""Drawing by the API: who can be drawn, what is written down, two readers at once, and what no student ever sees."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.courses.models import Course, Enrollment, Role
from server.models import Submission
from server.spotchecks.models import SpotCheck

PATH = "/api/v1/courses/dl-2026/assignments/tiny/spot-checks"
CANARY = "CANARY-91c2"
As = Callable[[User], TestClient]
HandIn = Callable[..., Submission]


def drawn(check: dict) -> list[str]:
    return sorted(each["student"] for each in check["draws"])


def test_those_who_have_handed_in_are_drawn_by_section_and_in_turn(
    tia: TestClient, students: dict[str, User], assignment: Assignment, hand_in: HandIn
) -> None:
    for login in ("ada", "bob", "cleo", "dan"):
        hand_in(assignment, students[login])
    samples = [tia.post(PATH, json={"per_section": 1, "readers": ["tia"]}).json() for _ in range(3)]
    assert [each for sample in samples for each in drawn(sample) if each == "dan"] == ["dan"] * 3  # alone in the evening
    assert {login for sample in samples for login in drawn(sample)} == {"ada", "bob", "cleo", "dan"}
    assert samples[0]["not_handed_in"] == ["eve"]
    assert {each["reader"] for each in samples[0]["draws"]} == {"tia"}
    assert {each["section"] for each in samples[0]["draws"]} == {None, "Evening"}


def test_who_has_left_the_course_is_left_out_and_an_empty_draw_is_refused(
    tia: TestClient, students: dict[str, User], assignment: Assignment, hand_in: HandIn, session: Session
) -> None:
    hand_in(assignment, students["ada"])
    session.execute(delete(Enrollment).where(Enrollment.user_id == students["ada"].id))
    session.commit()
    answer = tia.post(PATH, json={"per_section": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody_to_draw")
    assert session.scalars(select(SpotCheck)).all() == []


@pytest.mark.parametrize(
    "wanted", [{"per_section": 0}, {"per_section": 1, "seed": "a b"}, {"per_section": 1, "readers": ["ada"]}]
)
def test_what_cannot_be_drawn_says_why(
    tia: TestClient, students: dict[str, User], assignment: Assignment, hand_in: HandIn, wanted: dict
) -> None:
    hand_in(assignment, students["ada"])
    assert tia.post(PATH, json=wanted).status_code == 422


def test_the_attempt_that_counts_is_read_and_else_the_latest(
    tia: TestClient, students: dict[str, User], assignment: Assignment, hand_in: HandIn, grade: Callable[..., object]
) -> None:
    best = hand_in(assignment, students["ada"])
    grade(best, 90)
    grade(hand_in(assignment, students["ada"]), 40)
    hand_in(assignment, students["bob"])
    latest = hand_in(assignment, students["bob"])
    found = {each["student"]: each["submission"] for each in tia.post(PATH, json={"per_section": 9}).json()["draws"]}
    assert found == {"ada": best.id, "bob": latest.id}


def test_draws_at_the_same_time_count_each_other(
    tia: TestClient, students: dict[str, User], assignment: Assignment, hand_in: HandIn
) -> None:
    for student in students.values():
        hand_in(assignment, student)
    with ThreadPoolExecutor(3) as pool:
        samples = list(pool.map(lambda _: tia.post(PATH, json={"per_section": 1}).json(), range(3)))
    in_no_section = [login for sample in samples for login in drawn(sample) if login in ("ada", "bob", "cleo")]
    assert sorted(in_no_section) == ["ada", "bob", "cleo"]


def test_two_readers_never_overwrite_each_other(
    tia: TestClient, client_as: As, make_member: Callable[..., User], students: dict[str, User], assignment: Assignment,
    hand_in: HandIn, session: Session, course: Course,
) -> None:  # fmt: skip
    hand_in(assignment, students["ada"])
    draw = tia.post(PATH, json={"per_section": 1}).json()["draws"][0]
    readers = [tia, client_as(make_member("tom", Role.ta))]
    talk = {"version": draw["version"], "answers": [{"question": "Why?", "answer": "Because."}], "impression": "own_work"}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda reader: reader.put(f"{PATH}/draws/{draw['id']}", json=talk), readers))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (late,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert late["code"] == "saved_meanwhile" and late["version"] == draw["version"] + 1
    kept = tia.get(f"{PATH}/draws/{draw['id']}").json()
    assert (kept["impression"], kept["answers"], kept["done_at"] is None) == ("own_work", talk["answers"], False)
    assert [line.action for line in list_lines(session, course=course)] == [
        "integrity.spot_check_read",
        "integrity.spot_check_drawn",
    ]


def test_no_free_text_about_a_person_goes_into_the_log_that_cannot_be_erased(
    tia: TestClient, students: dict[str, User], assignment: Assignment, hand_in: HandIn, session: Session, course: Course
) -> None:
    hand_in(assignment, students["ada"])
    draw = tia.post(PATH, json={"per_section": 1}).json()["draws"][0]
    talk = {"version": 1, "answers": [{"question": CANARY, "answer": CANARY}], "impression": "unsure", "note": CANARY}
    assert tia.put(f"{PATH}/draws/{draw['id']}", json=talk).status_code == 200
    assert CANARY not in str([line.subject for line in list_lines(session, course=course)])

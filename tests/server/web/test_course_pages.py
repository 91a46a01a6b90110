"""Courses, assignments, leaderboard and history, in both languages."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment, Counts
from server.courses.models import Course, Role
from server.database import current_time
from server.models import Submission

Visit = Callable[..., TestClient]
TINY = "/courses/dl-2026/assignments/tiny"
TITLES = {
    "/": ("Courses", "课程"),
    "/tokens": ("Access tokens", "访问令牌"),
    "/courses/dl-2026": ("Deep Learning", "深度学习"),
    TINY: ("Doubling", "加倍"),
    f"{TINY}/submissions": ("My attempts · Doubling", "我的提交 · 加倍"),
    f"{TINY}/leaderboard": ("Leaderboard · Doubling", "排行榜 · 加倍"),
    "/submissions/{id}": ("Attempt 1 · Doubling", "第 1 次提交 · 加倍"),
    "/nowhere": ("Not found", "没有找到"),
    f"{TINY}/students": ("This is not open to you", "你没有权限查看"),
}


@pytest.mark.parametrize("path", TITLES)
@pytest.mark.parametrize("place", [0, 1])
def test_every_page_speaks_the_readers_language(
    visit: Visit, student: User, assignment: Assignment, hand_in: Callable[..., Submission], path: str, place: int
) -> None:
    path = path.format(id=hand_in(assignment, student).id)
    titles = TITLES[path] if path in TITLES else TITLES["/submissions/{id}"]
    html = visit(student, language=("en", "zh_CN")[place]).get(path).text
    assert f"<title>{titles[place]} · Gradus 梯度</title>" in html
    assert f'<html lang="{("en", "zh-CN")[place]}"' in html
    assert html.count("<h1") == 1
    assert 'name="viewport"' in html


def test_someone_without_a_course_is_told_what_to_wait_for(visit: Visit, make_user: Callable[..., User]) -> None:
    assert "You are not in a course yet" in visit(make_user("new")).get("/").text


def test_a_course_without_assignments_says_so(visit: Visit, student: User) -> None:
    assert "Nothing has been set yet" in visit(student).get("/courses/dl-2026").text


def test_a_deadline_is_told_in_the_courses_zone_with_what_is_left(
    visit: Visit, student: User, make_assignment: Callable[..., Assignment], session: Session
) -> None:
    now = current_time(session)
    make_assignment(due_at=now + timedelta(hours=3, minutes=12, seconds=30))
    for path in ("/", "/courses/dl-2026", TINY):
        html = visit(student).get(path).text
        assert "(" in html
        assert ">in 3 h 12 min</span>)" in html
        assert "due <time" in html
    assert "Times in Asia/Shanghai" in html


def test_an_assignment_that_opens_later_is_announced_but_no_link(
    visit: Visit, student: User, make_assignment: Callable[..., Assignment], session: Session
) -> None:
    now = current_time(session)
    make_assignment(opens_at=now + timedelta(days=1), due_at=now + timedelta(days=2), closes_at=now + timedelta(days=3))
    visitor = visit(student)
    html = visitor.get("/courses/dl-2026").text
    assert "opens <time" in html
    assert f'href="{TINY}"' not in html
    assert visitor.get(TINY).status_code == 404


def test_a_student_sees_the_own_score_and_staff_how_many_are_graded(
    visit: Visit, student: User, assignment: Assignment, make_member: Callable[..., User],
    hand_in: Callable[..., Submission], grade: Callable[..., object],
) -> None:  # fmt: skip
    grade(hand_in(assignment, student), 62.5)
    other, ta = make_member("bob"), make_member("tia", Role.ta)
    assert "<b>62.5</b> / 100" in visit(student).get("/courses/dl-2026").text
    assert "62.5" not in visit(other).get("/courses/dl-2026").text
    assert "1 of 2</a>" in visit(ta).get("/courses/dl-2026").text


def test_an_assignment_shows_its_handout_and_what_is_left(visit: Visit, student: User, assignment: Assignment) -> None:
    html = visit(student).get(TINY).text
    assert "<article" in html
    assert "20 of them today" in html
    assert "Nothing handed in yet" in html
    assert 'enctype="multipart/form-data"' in html


def test_the_starter_is_downloaded_under_the_name_under_which_it_is_handed_in(
    visit: Visit, student: User, assignment: Assignment
) -> None:
    answer = visit(student).get(f"{TINY}/starter")
    assert answer.headers["content-disposition"] == 'attachment; filename="solution.py"'
    assert "def double" in answer.text


def test_after_closing_the_bar_says_so_and_offers_no_upload(
    visit: Visit, student: User, make_assignment: Callable[..., Assignment], session: Session
) -> None:
    now = current_time(session)
    make_assignment(due_at=now - timedelta(hours=2), closes_at=now - timedelta(hours=1))
    html = visit(student).get(TINY).text
    assert "This assignment closed at" in html
    assert 'type="file"' not in html


def test_when_todays_attempts_are_used_up_the_next_one_is_told(
    visit: Visit, student: User, make_assignment: Callable[..., Assignment], hand_in: Callable[..., Submission]
) -> None:
    hand_in(make_assignment(per_day=1), student)
    html = visit(student).get(TINY).text
    assert "none today; the next one <span" in html
    assert re.search(r"attempts are used up; next from \w{3} \d\d \w{3} 00:00 CST\.", html)
    assert 'type="file"' not in html


def test_when_todays_scored_runs_are_used_up_the_next_one_is_told(
    visit: Visit, student: User, make_assignment: Callable[..., Assignment], hand_in: Callable[..., Submission]
) -> None:
    hand_in(make_assignment(scored_limit=5, scored_per_day=1), student)
    html = visit(student).get(TINY).text
    assert "scored runs: 0 today, 4 in all; the next one <span" in html
    assert re.search(r"those in the queue included; next from \w{3} \d\d \w{3} 00:00 CST\.", html)
    assert "计分提交：今日剩 0 次，共剩 4 次；下一次机会<span" in visit(student, language="zh_CN").get(TINY).text


@pytest.mark.parametrize(("counts", "counted"), [(Counts.best, 1), (Counts.latest, 3)])
def test_the_history_marks_the_attempt_that_counts(
    visit: Visit, student: User, make_assignment: Callable[..., Assignment], hand_in: Callable[..., Submission],
    grade: Callable[..., object], counts: Counts, counted: int,
) -> None:  # fmt: skip
    assignment = make_assignment(counts=counts)
    for score in (80, 20, 50):
        grade(hand_in(assignment, student), score)
    html = visit(student).get(f"{TINY}/submissions").text
    rows = html.split("<tbody>")[1].split("<tr>")[1:]
    assert [index for index, row in zip((3, 2, 1), rows, strict=True) if ">counts<" in row] == [counted]
    assert html.count("<circle") - html.count('<circle cx="10"') == 3


def test_the_leaderboard_marks_ones_own_row(
    visit: Visit, student: User, assignment: Assignment, make_member: Callable[..., User],
    hand_in: Callable[..., Submission], grade: Callable[..., object],
) -> None:  # fmt: skip
    visitor = visit(student)
    assert "Nobody is on the board yet" in visitor.get(f"{TINY}/leaderboard").text
    for person, score in ((make_member("bob"), 90), (student, 80), (make_member("cleo"), 70)):
        grade(hand_in(assignment, person), score)
    rows = visitor.get(f"{TINY}/leaderboard").text.split("<tbody>")[1].split("<tr")[1:]
    assert [name for row, name in zip(rows, ("Bob", "Ada", "Cleo"), strict=True) if name in row] == ["Bob", "Ada", "Cleo"]
    assert ["own" in row for row in rows] == [False, True, False]


def test_staff_see_everybodys_newest_attempt_and_the_score_that_counts(
    visit: Visit, student: User, assignment: Assignment, make_member: Callable[..., User],
    hand_in: Callable[..., Submission], grade: Callable[..., object],
) -> None:  # fmt: skip
    make_member("bob")
    for score in (80, 20):
        newest = hand_in(assignment, student)
        grade(newest, score)
    html = visit(make_member("tia", Role.ta)).get(f"{TINY}/students").text
    ada, bob = html.split("<tbody>")[1].split("<tr>")[1:]
    assert f"/submissions/{newest.id}" in ada
    assert "<b>80</b> / 100" in ada
    assert "nothing yet" in bob


def test_other_courses_are_not_there(visit: Visit, student: User, make_course: Callable[..., Course]) -> None:
    make_course("cv-2026")
    assert visit(student).get("/courses/cv-2026").status_code == 404

"""The audit log as a page: lines in words, newest first; what has no words is shown as it was written."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import write_line
from server.courses import pages
from server.courses.models import Course, Role
from server.database import current_time
from server.leaderboard import service

Visit = Callable[..., TestClient]
PAGE = "/courses/dl-2026/audit"


@pytest.fixture
def staff(make_member: Callable[..., User]) -> User:
    return make_member("ta", Role.ta)


def test_a_course_where_nothing_was_changed_says_what_will_stand_here(visit: Visit, staff: User) -> None:
    visitor = visit(staff)
    assert f'href="{PAGE}"' in visitor.get("/courses/dl-2026").text
    assert "Nothing was changed by hand yet" in visitor.get(PAGE).text


def test_students_are_not_led_to_it(visit: Visit, student: User) -> None:
    assert PAGE not in visit(student).get("/courses/dl-2026").text


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["took the release of the private scores and points back", "put ada into the team “A &amp; B”", "was ill"]),
        ("zh_CN", ["撤回了私榜成绩和得分的公布", "把 ada 加入队伍“A &amp; B”", "was ill"]),
    ],
)
def test_lines_stand_in_words_newest_first(
    visit: Visit, staff: User, session: Session, course: Course, make_assignment: Callable[..., Assignment],
    language: str, expected: list[str],
) -> None:  # fmt: skip
    contest = make_assignment(slug="contest")
    write_line(session, course=course, actor=staff, action="team.member_added", assignment="contest", team="A & B",
               login="ada", reason="was ill")  # fmt: skip
    contest.released_at = current_time(session)
    service.withdraw(session, assignment=contest, staff=staff)
    session.commit()
    html = visit(staff, language=language).get(PAGE).text
    places = [html.index(words) for words in expected]
    assert places == sorted(places)
    assert {"en": "Which side", "zh_CN": "哪一侧"}[language] in html
    assert "Ta" in html and "team.member_added" not in html


def test_what_has_no_words_is_shown_as_it_was_written(visit: Visit, staff: User, session: Session, course: Course) -> None:
    write_line(session, course=course, actor=None, action="comet.seen", tail="<b>long</b>")
    session.commit()
    html = visit(staff).get(PAGE).text
    assert "comet.seen" in html and "the system" in html
    assert "tail" in html and "<b>long</b>" not in html


def test_there_is_a_way_to_older_lines(
    visit: Visit, staff: User, session: Session, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LINES", 2)
    for number in range(3):
        write_line(session, course=course, actor=staff, action=f"number.{number}")
    session.commit()
    visitor = visit(staff)
    first = visitor.get(PAGE).text
    assert "number.2" in first and "number.0" not in first
    older = visitor.get(first.split('rel="next" href="')[1].split('"')[0]).text
    assert "number.0" in older and "number.1" not in older and 'rel="next"' not in older


@pytest.mark.parametrize(("now", "words"), [("pseudonyms", "show pseudonyms"), ("real", "show real names")])
def test_names_on_boards_have_words(visit: Visit, staff: User, session: Session, course: Course, now: str, words: str) -> None:
    write_line(session, course=course, actor=staff, action="course.board_names", now=now)
    session.commit()
    assert words in visit(staff).get(PAGE).text

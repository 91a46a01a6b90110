"""Being late on pages, without scripts: the cost is said and confirmed first; staff move dates and give more time."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course, Role
from server.database import current_time
from server.deadlines.models import LateKind, LatePolicy

TINY = "/courses/dl-2026/assignments/tiny"
FILES = [("files", ("solution.py", b"def double(x): return 2 * x\n"))]


def test_the_page_says_what_being_late_costs_and_takes_it_once_that_is_confirmed(
    session: Session, course: Course, make_assignment: Callable[..., Assignment], student: User, visit: Callable
) -> None:
    now = current_time(session)
    make_assignment(due_at=now - timedelta(hours=30), closes_at=now + timedelta(days=2))
    session.add(LatePolicy(course=course, kind=LateKind.percentage))
    session.commit()
    visitor = visit(student)
    assert "handing in now costs 20 % of the score it reaches" in visitor.get(TINY).text
    refused = visitor.submit_form(TINY, f"{TINY}/submissions", files=FILES)
    assert (refused.status_code, "Nothing was handed in" in refused.text) == (409, True)
    taken = visitor.submit_form(TINY, f"{TINY}/submissions", files=FILES, accept_late="true")
    assert taken.status_code == 303
    assert "2 days late" in visitor.get(taken.headers["location"]).text


def test_staff_move_dates_and_students_read_why(
    assignment: Assignment, student: User, make_member: Callable[..., User], visit: Callable
) -> None:
    teacher, page = visit(make_member("teacher", Role.instructor)), f"{TINY}/dates"
    given = teacher.submit_form(page, f"{page}/extensions", recipient="ada", plus_hours="48", reason="ill")
    assert given.status_code == 303
    moved = teacher.submit_form(page, page, closes_at="2099-01-01T00:00", reason="a holiday", version="0")
    assert moved.status_code == 303
    assert "a holiday" in visit(student).get(TINY).text
    assert "extended for you" in visit(student).get("/courses/dl-2026").text
    assert "a holiday" in teacher.get("/courses/dl-2026/audit").text
    assert visit(student).get("/courses/dl-2026").text.count("a holiday") == 1, "not among the announcements as well"
    listed = visit(student, language="zh_CN").get("/courses/dl-2026/announcements").text
    assert "加倍：时间调整" in listed and "原因：a holiday" in listed and "Closing: " in listed and "Due date" not in listed

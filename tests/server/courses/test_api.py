"""Courses and what is set in them, as each role sees them."""

from collections.abc import Callable
from datetime import timedelta

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import write_line
from server.courses import service
from server.courses.models import Course, Role
from server.database import current_time

As = Callable[[User], TestClient]


def test_everybody_sees_their_own_courses_and_roles(
    client_as: As, make_course: Callable[..., Course], make_member: Callable[..., User], course: Course
) -> None:
    make_course("cv-2026")
    shown = client_as(make_member("ta", Role.ta)).get("/api/v1/courses").json()
    assert [(each["slug"], each["role"], each["title"]["zh"]) for each in shown] == [("dl-2026", "ta", "深度学习")]


def test_enrolling_twice_changes_the_role_and_nothing_else(session: Session, course: Course, student: User) -> None:
    service.enroll(session, course=course, user=student, role=Role.ta)
    (enrollment,) = service.list_people(session, course=course)
    assert (enrollment.user_id, enrollment.role) == (student.id, Role.ta)


def test_what_opens_later_is_announced_but_not_shown(
    client_as: As, student: User, make_assignment: Callable[..., Assignment], session: Session
) -> None:
    make_assignment(opens_at=current_time(session) + timedelta(hours=1))
    client = client_as(student)
    assert [each["slug"] for each in client.get("/api/v1/courses/dl-2026/assignments").json()] == ["tiny"]
    assert client.get("/api/v1/courses/dl-2026/assignments/tiny").status_code == 404


def test_what_is_not_visible_is_for_staff(
    client_as: As, student: User, make_member: Callable[..., User], make_assignment: Callable[..., Assignment]
) -> None:
    make_assignment(visible=False)
    paths = ("/api/v1/courses/dl-2026/assignments", "/api/v1/courses/dl-2026/assignments/tiny")
    listed, shown = (client_as(student).get(path) for path in paths)
    assert (listed.json(), shown.status_code) == ([], 404)
    staff = client_as(make_member("ta", Role.ta))
    assert staff.get(paths[1]).json()["title"] == {"en": "Doubling", "zh": "加倍"}


def test_the_audit_log_comes_newest_first_in_pages(
    client_as: Callable[[User], TestClient], make_member: Callable[..., User], course: Course, session: Session
) -> None:
    staff = make_member("ta", Role.ta)
    for number in range(3):
        write_line(session, course=course, actor=staff, action="team.renamed", number=number)
    session.commit()
    client = client_as(staff)
    first = client.get("/api/v1/courses/dl-2026/audit", params={"limit": 2})
    second = client.get(f"/api/v1/courses/dl-2026/audit{first.links['next']['url']}")
    assert [line["subject"]["number"] for line in (*first.json(), *second.json())] == [2, 1, 0]
    assert first.json()[0] | {"id": 0, "at": ""} == {
        "id": 0, "at": "", "actor": "ta", "action": "team.renamed", "subject": {"number": 2},
    }  # fmt: skip
    assert "next" not in second.links

"""Handing in late, extensions and moved dates, over the API and on pages."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import AuditLine
from server.courses.models import Course, Role
from server.database import current_time
from server.deadlines import queries
from server.deadlines.models import AfterGrace, DateChange, Extension, LateKind, LatePolicy
from server.settings import Settings
from tests.server.conftest import CONTENT

SOURCE = {"files": ("solution.py", b"def double(x): return 2 * x\n")}
HOURS, DAYS = timedelta(hours=1), timedelta(days=1)
TINY = "/api/v1/courses/dl-2026/assignments/tiny"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Two homeworks, since grace days are a course's."""
    for name in ("tiny", "other"):
        shutil.copytree(CONTENT / "tiny", tmp_path / "homeworks" / name)
    manifest = tmp_path / "homeworks" / "other" / "assignment.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('id = "tiny"', 'id = "other"'), encoding="utf-8")
    return settings.model_copy(update={"assignments": tmp_path / "homeworks"})


@pytest.fixture
def late(session: Session, make_assignment: Callable[..., Assignment]) -> Assignment:
    """Due thirty hours ago: the second day has begun."""
    now = current_time(session)
    return make_assignment(due_at=now - 30 * HOURS, closes_at=now + 3 * DAYS)


@pytest.fixture
def settle(session: Session, course: Course) -> Callable[..., LatePolicy]:
    def settle(kind: LateKind, **fields: object) -> LatePolicy:
        row = LatePolicy(course=course, kind=kind, **fields)
        session.add(row)
        session.commit()
        return row

    return settle


@pytest.fixture
def as_student(client_as: Callable[[User], TestClient], student: User) -> TestClient:
    return client_as(student)


@pytest.fixture
def as_teacher(client_as: Callable[[User], TestClient], make_member: Callable[..., User]) -> TestClient:
    return client_as(make_member("teacher", Role.instructor))


def hand_in(client: TestClient, **data: str):
    return client.post(f"{TINY}/submissions", files=SOURCE, data={"declaration": '{"sources": []}', **data})


def test_where_late_work_costs_nothing_nobody_is_asked(late: Assignment, as_student: TestClient) -> None:
    receipt = hand_in(as_student)
    assert (receipt.status_code, receipt.json()["late"], receipt.json()["late_days"], receipt.json()["cost"]) == (
        201,
        True,
        2,
        None,
    )


def test_a_percentage_is_confirmed_first_and_explained_afterwards(
    late: Assignment, as_student: TestClient, settle: Callable, grade: Callable, session: Session
) -> None:
    settle(LateKind.percentage)
    refused = hand_in(as_student)
    assert (refused.status_code, refused.json()["code"], refused.json()["percent"]) == (409, "late_needs_confirmation", 20)
    assert as_student.get(f"{TINY}/submissions").json() == []
    receipt = hand_in(as_student, accept_late="true").json()
    assert receipt["cost"] == {"late_days": 2, "grace_days": 0, "left": 0, "percent": 20}
    grade(session.get_one(queries.Submission, receipt["id"]), 82)
    found = as_student.get(f"/api/v1/submissions/{receipt['id']}").json()
    assert (found["score"], found["counted_score"]) == (82, 65.6)
    assert found["deduction"]["sentence"]["en"] == "82 − 16.4 (2 days late, 10 % a day) = 65.6"


def test_grace_days_cover_until_they_are_used_up(
    late: Assignment, make_assignment: Callable, as_student: TestClient, settle: Callable, session: Session
) -> None:
    settle(LateKind.grace, grace_days=3)
    assert hand_in(as_student).json()["grace_days_left"] == 1
    assert hand_in(as_student, accept_late="true").json()["cost"]["grace_days"] == 2
    assert as_student.get(f"{TINY}/dates/own").json()["grace_days_left"] == 1
    now = current_time(session)
    make_assignment(slug="other", due_at=now - 30 * HOURS, closes_at=now + DAYS)
    path = "/api/v1/courses/dl-2026/assignments/other/submissions"
    refused = as_student.post(path, files=SOURCE, data={"declaration": '{"sources": []}', "accept_late": "true"})
    assert (refused.status_code, refused.json()["code"]) == (409, "grace_days_used_up")


def test_an_extension_opens_the_door_again_and_its_taking_back_stays_on_record(
    make_assignment: Callable, as_student: TestClient, as_teacher: TestClient, session: Session
) -> None:
    now = current_time(session)
    make_assignment(due_at=now - 2 * DAYS, closes_at=now - DAYS)
    assert hand_in(as_student).json()["code"] == "submissions_closed"
    new = {"recipient": "ada", "reason": "ill", "plus_hours": 72}
    given = as_teacher.post(f"{TINY}/dates/extensions", json=new)
    assert given.status_code == 201
    assert hand_in(as_student).json()["late"] is False
    path = f"{TINY}/dates/extensions/{given.json()['id']}/take-back"
    refused = as_teacher.post(path, json={"reason": "a mistake"})
    assert (refused.json()["code"], refused.json()["students"]) == ("makes_work_late", ["ada"])
    assert as_teacher.post(path, json={"reason": "a mistake", "confirm": True}).json()["extensions"] == []
    assert as_teacher.post(path, json={"reason": "again", "confirm": True}).json()["code"] == "taken_back_already"
    assert len(list(session.scalars(select(Extension)))) == 2
    actions = [line.action for line in session.scalars(select(AuditLine).order_by(AuditLine.id))]
    assert actions == ["dates.extended", "dates.extension_taken_back"]


def test_moving_a_date_is_logged_and_never_overwrites_another_move(
    assignment: Assignment, as_teacher: TestClient, session: Session
) -> None:
    due = (assignment.due_at + DAYS).isoformat()
    moved = as_teacher.put(f"{TINY}/dates", json={"due_at": due, "reason": "a holiday", "version": 0})
    assert moved.status_code == 200, moved.text
    again = as_teacher.put(f"{TINY}/dates", json={"due_at": due, "reason": "me too", "version": 0})
    assert (again.status_code, again.json()["code"]) == (409, "changed_meanwhile")
    lines = list(session.scalars(select(AuditLine).order_by(AuditLine.id)))
    assert [line.action for line in lines] == ["dates.moved", "announcement.published"]
    line = lines[0]
    assert line.subject["reason"] == "a holiday"
    assert line.subject["before"]["due_at"] != line.subject["after"]["due_at"]


def test_dates_stay_in_order_and_late_making_moves_are_confirmed(
    assignment: Assignment, as_teacher: TestClient, as_student: TestClient, session: Session
) -> None:
    hand_in(as_student)
    early = {"due_at": (current_time(session) - DAYS).isoformat(), "reason": "earlier", "version": 0}
    refused = as_teacher.put(f"{TINY}/dates", json=early)
    assert (refused.json()["code"], refused.json()["students"]) == ("makes_work_late", ["ada"])
    session.expire_all()
    assert list(session.scalars(select(DateChange))) == []
    assert as_teacher.put(f"{TINY}/dates", json=early | {"confirm": True}).status_code == 200
    bad = {"due_at": (assignment.closes_at + DAYS).isoformat(), "reason": "x", "version": 1}
    version = as_teacher.get(f"{TINY}/dates").json()["version"]
    assert as_teacher.put(f"{TINY}/dates", json=bad | {"version": version}).json()["code"] == "dates_out_of_order"


def test_history_is_only_added_to(assignment: Assignment, as_teacher: TestClient, session: Session) -> None:
    due = (assignment.due_at + HOURS).isoformat()
    as_teacher.put(f"{TINY}/dates", json={"due_at": due, "reason": "a holiday", "version": 0})
    session.scalars(select(DateChange)).one().reason = "another"
    with pytest.raises(DBAPIError):
        session.flush()
    session.rollback()


def test_of_two_who_set_a_policy_the_second_is_told(course: Course, as_teacher: TestClient) -> None:
    wanted = {"kind": "grace", "grace_days": 4, "after_grace": "percentage", "version": 0}
    path = "/api/v1/courses/dl-2026/late-policy"
    assert as_teacher.put(path, json=wanted).json()["version"] == 1
    assert as_teacher.put(path, json=wanted).json()["code"] == "changed_meanwhile"
    assert as_teacher.put(path, json=wanted | {"version": 1, "grace_days": 5}).json()["grace_days"] == 5


def test_an_assignment_can_have_a_rule_of_its_own(late: Assignment, as_teacher: TestClient, as_student: TestClient) -> None:
    shown = as_teacher.put(f"{TINY}/dates/policy", json={"kind": "percentage", "percent_per_day": "25"}).json()
    assert (shown["is_override"], shown["policy"]["percent_per_day"]) == (True, 25)
    assert as_student.get(f"{TINY}/dates/own").json()["cost"]["percent"] == 50
    shown = as_teacher.delete(f"{TINY}/dates/policy", params={"version": shown["policy_version"]}).json()
    assert shown["is_override"] is False


def test_whoever_is_in_a_section_has_its_extension(
    late: Assignment, student: User, course: Course, session: Session, as_teacher: TestClient, settings: Settings
) -> None:
    from server.courses import service as courses
    from server.courses.models import Section

    section = Section(course_id=course.id, name="Monday")
    session.add(section)
    courses.enroll(session, course=course, user=student, role=Role.student, section=section)
    session.commit()
    given = as_teacher.post(f"{TINY}/dates/extensions", json={"recipient": "Monday", "reason": "no power", "plus_hours": 40})
    assert given.json()["section"] == "Monday"
    session.expire_all()
    account = queries.open_account(session, course=course, student_id=student.id, root=settings.assignments)
    assert account.dates[late.id].due_at == late.due_at + 40 * HOURS


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"recipient": "nobody", "plus_hours": 4}, "no_such_recipient"),
        ({"recipient": "ada"}, "adds_no_time"),
        ({"recipient": "ada", "due_at": "2020-01-01T00:00:00Z"}, "adds_no_time"),
        ({"recipient": "ada", "plus_hours": 4, "reason": "  "}, "reason_missing"),
    ],
)
def test_what_is_no_extension_is_refused(
    assignment: Assignment, student: User, as_teacher: TestClient, fields: dict, code: str
) -> None:
    assert as_teacher.post(f"{TINY}/dates/extensions", json={"reason": "ill"} | fields).json()["code"] == code


def test_a_floor_and_a_policy_after_grace_reach_the_receipt(late: Assignment, as_student: TestClient, settle: Callable) -> None:
    settle(LateKind.grace, grace_days=1, after_grace=AfterGrace.percentage, percent_per_day=Decimal(30))
    assert hand_in(as_student, accept_late="true").json()["cost"] == {"late_days": 2, "grace_days": 1, "left": 0, "percent": 30}

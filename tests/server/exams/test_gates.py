# ruff: noqa: F401, F811 (fixtures are imported by name)
"""An exam outside its room: closed to students until it is released, and no ordinary door takes anything in for it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.rules import NotReleasedYet, can_see
from server.assignments.service import manifest_of
from server.courses.models import Course, Role
from server.database import current_time
from server.deadlines.queries import FREE, open_account
from server.exams.models import Exam, Sitting
from server.lti.rules import score_to_send
from server.marking import service as marking
from server.models import Submission
from server.regrades.rules import scored_at
from server.settings import Settings
from tests.server.exams.canary import exam, judged, paper_of, release, sit

API = "/api/v1/courses/dl-2026/assignments/canary"
FILE = {"files": ("canaryfile.py", b"def canaryfunction(x): return x", "text/x-python")}


@pytest.fixture
def written(sit: Callable[..., Sitting], judged: Callable[[int], Submission], student: User) -> Submission:
    return judged(sit(student).submission_id)


def test_students_see_it_from_the_release_on_and_staff_always(exam: Exam, session: Session, release: Callable[[], None]) -> None:
    now = current_time(session)
    assert not can_see(exam.assignment, role=Role.student, now=now)
    assert can_see(exam.assignment, role=Role.ta, now=now)
    release()
    session.expire_all()
    assert can_see(exam.assignment, role=Role.student, now=current_time(session))


def test_its_score_is_in_no_account_of_a_students_before_the_release(
    written: Submission,
    session: Session,
    course: Course,
    student: User,
    settings: Settings,
    release: Callable[[], None],
) -> None:
    known = {"course": course, "student_id": student.id, "root": settings.assignments}
    held = open_account(session, **known, for_students=True)
    assert held.settled[written.assignment_id] is None
    assert not held.awaits(written.assignment_id)
    assert held.open_points(written.assignment_id) == 0
    assert score_to_send(held, written.assignment_id) is None
    assert open_account(session, **known).settled[written.assignment_id].score > 0
    release()
    session.expire_all()
    opened = open_account(session, **known, for_students=True)
    assert score_to_send(opened, written.assignment_id)["activityProgress"] == "Completed"


def test_an_exam_is_never_late(written: Submission, session: Session, course: Course, student: User, settings: Settings) -> None:
    account = open_account(session, course=course, student_id=student.id, root=settings.assignments)
    assert account.policies[written.assignment_id] == FREE
    assert account.settled[written.assignment_id].deduction is None


def test_the_course_page_names_it_and_tells_no_score(
    written: Submission, client_as: Callable[[User], TestClient], student: User
) -> None:
    text = client_as(student).get("/courses/dl-2026").text
    assert "The final" in text
    assert "/courses/dl-2026/exams/canary" in text
    assert "CANARY" not in text
    assert f"{written.run.score:f}".rstrip("0").rstrip(".") + " /" not in text


@pytest.mark.parametrize("is_released", [False, True])
def test_no_door_but_the_room_takes_anything_in(
    is_released: bool, exam: Exam, release: Callable[[], None], client_as: Callable[[User], TestClient], student: User,
    make_member: Callable[..., User],
) -> None:  # fmt: skip
    if is_released:
        release()
    answer = client_as(student).post(f"{API}/submissions", files=FILE)
    assert answer.status_code == (409 if is_released else 404)
    of_staff = client_as(make_member("tia", Role.ta)).post(f"{API}/submissions", files=FILE)
    assert (of_staff.status_code, of_staff.json()["code"]) == (409, "exam_room")


def test_marks_cannot_be_published_before_the_release(
    written: Submission, session: Session, settings: Settings, make_member: Callable[..., User]
) -> None:
    manifest = manifest_of(written.assignment, root=settings.assignments)
    found = marking.open_marking(session, assignment=written.assignment, manifest=manifest)
    known = {"section": None, "by": make_member("tia", Role.ta), "root": settings.assignments, "is_confirmed": True}
    with pytest.raises(NotReleasedYet):
        marking.publish(session, marking=found, **known)


def test_work_is_not_returned_for_a_fix(
    written: Submission, client_as: Callable[[User], TestClient], make_member: Callable[..., User]
) -> None:
    tia = client_as(make_member("tia", Role.ta))
    answer = tia.post(f"/api/v1/submissions/{written.id}/return", json={"reason": "Tidy up."})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_in_exams")


def test_the_window_for_regrades_begins_with_the_release(session: Session) -> None:
    now = current_time(session)
    earlier = now.replace(year=now.year - 1)
    assert scored_at(earlier, None, now) == now
    assert scored_at(now, earlier, None) == now


def test_the_list_of_assignments_holds_nothing_of_its_content(
    exam: Exam,
    client_as: Callable[[User], TestClient],
    student: User,
    release: Callable[[], None],
) -> None:
    ask = client_as(student)
    assert ask.get("/api/v1/courses/dl-2026/assignments").json() == []
    release()
    assert [each["slug"] for each in ask.get("/api/v1/courses/dl-2026/assignments").json()] == ["canary"]


def test_a_gradebook_cell_says_nothing_before_the_release(
    written: Submission, session: Session, course: Course, student: User, settings: Settings, make_member: Callable[..., User],
    client_as: Callable[[User], TestClient], release: Callable[[], None],
) -> None:  # fmt: skip
    ines = client_as(make_member("ines", Role.instructor))
    offered = ines.get("/api/v1/courses/dl-2026/gradebook/set-up").json()
    offered.pop("is_proposed")
    answer = ines.put("/api/v1/courses/dl-2026/gradebook/set-up", json=offered | {"is_shown": True})
    assert answer.status_code == 200, answer.text
    ask = client_as(student)
    held = ask.get("/api/v1/courses/dl-2026/gradebook/own").json()
    of_staff = ines.get("/api/v1/courses/dl-2026/gradebook").json()
    release()
    told = ask.get("/api/v1/courses/dl-2026/gradebook/own").json()
    assert cell_of(held)["points"] is None
    assert Decimal(str(cell_of(told)["points"])) == written.run.score
    assert str(cell_of(told)["points"]) in str(of_staff)


def cell_of(own: dict) -> dict:
    return own["sheet"]["cells"]["canary"]


def test_nobody_reads_others_points_on_a_board(
    exam: Exam, client_as: Callable[[User], TestClient], student: User, release: Callable[[], None],
    make_member: Callable[..., User],
) -> None:  # fmt: skip
    release()
    assert client_as(student).get(f"{API}/leaderboard").status_code == 404
    assert client_as(make_member("tia", Role.ta)).get(f"{API}/leaderboard").status_code == 200

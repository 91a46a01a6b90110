"""A rehearsal is apart from everybody real, and nothing of it stays open."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import AuditLine
from server.courses.models import Course
from server.database import current_time
from server.exams import checklist, setup
from server.exams.models import Exam, HandedInBy, Sitting
from server.exams.rehearsed import BEGUN, ENDED, REHEARSED
from server.rehearsals import service, tasks
from server.settings import Settings
from server.similarity import schedule
from server.submissions.models import Job, State, Submission
from tests.server.exams.conftest import COURSE, ROOM, Tab
from tests.server.rehearsals.conftest import REHEARSALS

Begin = Callable[..., dict[str, Any]]
FIGURES = {"errors": 0, "lost": 0, "save_p95_ms": 84.2, "check_delay_s": 3.14, "graded_s": 12.0, "by_clock": 1, "problems": []}


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checklist asks them for a second, and there are none."""
    monkeypatch.setattr(checklist, "LOOK_S", 0.01)


def as_account(app: TestClient, account: dict[str, str]) -> TestClient:
    headers = {"Authorization": f"Bearer {account['token']}"}
    return TestClient(app.app, base_url="http://gradus.test", headers=headers)


def room_of(begun: dict[str, Any]) -> str:
    return f"/api/v1/courses/{begun['id']}/exams/{begun['exam']}"


def sit(app: TestClient, begun: dict[str, Any], number: int = 0) -> Tab:
    tab = Tab(as_account(app, begun["students"][number]), room=room_of(begun))
    assert tab.start().status_code == 201
    return tab


def item(teacher: TestClient) -> dict[str, Any]:
    """Of the checklist."""
    return next(each for each in teacher.get(f"{ROOM}/checklist").json() if each["id"] == "rehearsed")


def test_a_simulated_class_sits_what_the_exam_is(app_client: TestClient, begin: Begin, exam: Exam) -> None:
    begun = begin(students=2)
    tab = sit(app_client, begun)
    assert tab.save(word="yes").status_code == 200
    assert (begun["asks_to_move"], begun["check_limit"], begun["fair_wait_s"]) == (True, 1, exam.fair_wait_s)
    invigilator = as_account(app_client, begun["staff"])
    live = invigilator.get(f"{room_of(begun)}/live").json()
    assert [each["phase"] for each in live["students"]].count("running") == 1 and len(live["students"]) == 2
    assert invigilator.get(f"{room_of(begun)}/archive").status_code == 200


def test_it_stands_in_no_list_of_anybody(
    app_client: TestClient, begin: Begin, teacher: TestClient, instructor: User, student: User,
    client_as: Callable[[User], TestClient],
) -> None:  # fmt: skip
    before = {path: teacher.get(path).json() for path in ("/api/v1/courses", f"/api/v1/courses/{COURSE}/exams")}
    begun = begin()
    sit(app_client, begun).hand_in()
    for path, found in before.items():
        assert teacher.get(path).text.count("rehearsal-") == 0 and len(teacher.get(path).json()) == len(found)
    for asked in (teacher, client_as(student)):
        assert asked.get(f"/api/v1/courses/{begun['id']}").status_code == 404
        assert asked.get(room_of(begun)).status_code == 404
    assert [each["login"] for each in teacher.get(f"{ROOM}/live").json()["students"]] == ["ada"]
    assert "rehearsal-" not in teacher.get(f"{ROOM}/results").text


def test_its_accounts_reach_nothing_else(app_client: TestClient, begin: Begin) -> None:
    begun = begin()
    for account in (begun["students"][0], begun["staff"]):
        client = as_account(app_client, account)
        assert [each["slug"] for each in client.get("/api/v1/courses").json()] == [begun["id"]]
        assert client.get(ROOM).status_code == client.get(f"/api/v1/courses/{COURSE}").status_code == 404


def test_ended_it_leaves_nothing_open(app_client: TestClient, begin: Begin, teacher: TestClient, session: Session) -> None:
    begun = begin()
    tab = sit(app_client, begun)
    tab.save(code="def double(x):\n    return x\n")
    assert tab.post("checks").status_code == 202
    assert teacher.delete(f"{REHEARSALS}/{begun['id']}").status_code == 204
    assert teacher.delete(f"{REHEARSALS}/{begun['id']}").status_code == 204
    assert tab.get("paper").status_code == 401
    assert as_account(app_client, begun["staff"]).get("/api/v1/courses").status_code == 401
    accounts = session.scalars(select(User).where(User.login.startswith("rehearsal-"))).all()
    assert len(accounts) == 3 and not any(each.is_active for each in accounts)
    assert all((each.password_hash, each.email, each.student_number) == (None, None, None) for each in accounts)
    sitting = session.scalars(select(Sitting)).one()
    assert (sitting.handed_in_by, sitting.submission_id) == (HandedInBy.staff, None)
    assert session.scalars(select(Job.state)).all() == [State.cancelled]
    lines = session.scalars(select(AuditLine).where(AuditLine.action.in_((BEGUN, ENDED))).order_by(AuditLine.id)).all()
    assert [line.action for line in lines] == [BEGUN, ENDED] and all(line.actor.login == "ines" for line in lines)
    assert {line.course_id for line in lines} == {session.scalars(select(Course.id).where(Course.slug == COURSE)).one()}


def test_what_the_class_has_written_is_never_compared(
    app_client: TestClient, begin: Begin, teacher: TestClient, session: Session
) -> None:
    begun = begin(students=3)
    for number in range(2):
        tab = sit(app_client, begun, number)
        tab.save(code="def double(x):\n    return x\n")
        assert tab.hand_in().status_code == 201
    assert len(session.scalars(select(Submission)).all()) == 2
    teacher.delete(f"{REHEARSALS}/{begun['id']}")
    assert schedule.request_due(session) == 0


def test_only_one_at_a_time_and_never_beside_an_exam(
    begin: Begin, teacher: TestClient, make_exam: Callable[..., Exam], session: Session, exam: Exam, student: User,
    client_as: Callable[[User], TestClient],
) -> None:  # fmt: skip
    wanted = {"students": 1, "seconds": 60}
    begun = begin(students=1)
    assert teacher.post(REHEARSALS, json=wanted).json()["code"] == "rehearsal_runs"
    teacher.delete(f"{REHEARSALS}/{begun['id']}")
    now = current_time(session)
    exam.assignment.opens_at = now + timedelta(minutes=3)
    session.commit()
    assert teacher.post(REHEARSALS, json=wanted).json()["code"] == "exam_opens_soon"
    exam.assignment.opens_at = now - timedelta(minutes=3)
    session.commit()
    assert Tab(client_as(student)).start().status_code == 201
    refused = teacher.post(REHEARSALS, json=wanted)
    assert (refused.status_code, refused.json()["code"], refused.json()["sitting"]) == (409, "somebody_sits", 1)


def test_a_class_has_bounds(teacher: TestClient) -> None:
    for wanted in ({"students": 0}, {"students": 301}, {"seconds": 1}, {"seconds": 7200}, {"more": 1}):
        assert teacher.post(REHEARSALS, json=wanted).status_code == 422


def test_what_nobody_ends_is_swept(
    begin: Begin, session: Session, monkeypatch: pytest.MonkeyPatch, teacher: TestClient, app_client: TestClient
) -> None:
    assert tasks.sweep() == []
    monkeypatch.setattr(service, "KEPT", timedelta(seconds=-60))
    begun = begin(students=1, seconds=10)
    assert tasks.sweep() == [begun["id"]]
    assert tasks.sweep() == []
    line = session.scalars(select(AuditLine).where(AuditLine.action == ENDED)).one()
    assert line.actor_id is None
    assert as_account(app_client, begun["students"][0]).get("/api/v1/courses").status_code == 401


def test_ready_ticks_the_checklist_until_the_set_up_changes(
    begin: Begin, teacher: TestClient, session: Session, exam: Exam, instructor: User
) -> None:
    assert not item(teacher)["is_ok"]
    begun = begin()
    at = f"{REHEARSALS}/{begun['id']}"
    assert teacher.put(f"{at}/report", json={"is_ready": True, "figures": FIGURES}).status_code == 204
    assert teacher.put(f"{at}/report", json={"is_ready": False, "figures": FIGURES}).status_code == 204  # too late
    teacher.delete(at)
    found = item(teacher)
    assert found["is_ok"] and found["by_hand"]
    assert "2 simulated students by Ines: READY" in found["seen"]["en"] and "84 ms" in found["seen"]["en"]
    assert "可以开考" in found["seen"]["zh"]
    session.expire_all()
    plan = setup.plan_of(session, exam.assignment)
    known = {"assignment": exam.assignment, "by": instructor, "version": exam.version, "now": current_time(session)}
    setup.set_up(session, plan=plan, is_confirmed=True, **known)
    session.commit()
    assert not item(teacher)["is_ok"] and "earlier" in item(teacher)["seen"]["en"]
    assert len(session.scalars(select(AuditLine).where(AuditLine.action == REHEARSED)).all()) == 1


def test_the_newer_word_counts_of_a_rehearsal_and_a_person(begin: Begin, teacher: TestClient) -> None:
    begun = begin()
    teacher.put(f"{REHEARSALS}/{begun['id']}/report", json={"is_ready": False, "figures": FIGURES | {"errors": 3}})
    assert not item(teacher)["is_ok"] and "NOT READY" in item(teacher)["seen"]["en"]
    assert "gradus exam rehearse dl-2026/mixed" in item(teacher)["next_step"]["en"]
    teacher.post(f"{ROOM}/checklist", json={"item": "rehearsed", "note": "in the room"})
    assert item(teacher)["is_ok"] and "in the room" in item(teacher)["seen"]["en"]
    teacher.delete(f"{REHEARSALS}/{begun['id']}")
    again = begin()
    teacher.put(f"{REHEARSALS}/{again['id']}/report", json={"is_ready": False, "figures": FIGURES})
    assert not item(teacher)["is_ok"]


def test_a_rehearsal_of_another_exam_is_none_of_this_one(begin: Begin, teacher: TestClient, settings: Settings) -> None:
    begin()
    for id in ("rehearsal-00000000", COURSE):
        assert teacher.delete(f"{REHEARSALS}/{id}").status_code == 404
        assert teacher.put(f"{REHEARSALS}/{id}/report", json={"is_ready": True}).status_code == 404

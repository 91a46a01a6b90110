"""Notes, draws and the showcase over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.attendance import service as attendance
from server.attendance.models import Presence
from server.audit import list_lines
from server.courses.models import Course, Role
from server.database import current_time
from server.deadlines.service import NewExtension, extend
from server.participation import service
from server.participation.models import ColdCall, Note, Reply

PATH = "/api/v1/courses/dl-2026/participation"
SHOWCASE = "/courses/dl-2026/showcase"
As = Callable[[User], TestClient]


@pytest.fixture
def tia(make_member: Callable[..., User]) -> User:
    return make_member("tia", Role.ta)


@pytest.fixture
def students(make_member: Callable[..., User]) -> dict[str, User]:
    return {login: make_member(login) for login in ("ada", "bob", "cleo")}


def test_a_note_gives_what_the_course_says_until_it_is_taken_back(
    client_as: As, tia: User, students: dict[str, User], session: Session, course: Course
) -> None:
    staff, ada = client_as(tia), client_as(students["ada"])
    note = staff.post(PATH, json={"student": "ada", "kind": "presentation", "text": "convolution"}).json()
    assert Decimal(note["points"]) == 3 and note["recorded_by"] == "tia"
    assert [each["text"] for each in ada.get(PATH).json()] == ["convolution"]
    assert client_as(students["bob"]).get(PATH).json() == []
    assert service.points(session, course)[students["ada"].id].counted == 3
    staff.delete(f"{PATH}/{note['id']}")
    session.expire_all()
    assert service.points(session, course)[students["ada"].id].counted == 0
    assert [line.action for line in list_lines(session, course=course)] == ["participation.taken_back", "participation.noted"]
    assert staff.post(PATH, json={"student": "nobody", "kind": "other"}).json()["code"] == "no_such_student"


def test_points_end_at_the_most_and_a_new_table_leaves_old_notes(
    tia: User, students: dict[str, User], session: Session, course: Course
) -> None:
    for _ in range(4):
        service.add_note(session, course=course, login="ada", kind="presentation", text="", by=tia)
    found = service.points(session, course)[students["ada"].id]
    assert (found.earned, found.counted) == (12, 10)
    service.set_points(session, course=course, wanted={"presentation": Decimal(1), "most": Decimal(20)}, by=tia)
    assert service.points(session, course)[students["ada"].id].counted == 12
    line = list_lines(session, course=course)[0]
    assert (line.subject["before"], line.subject["now"]) == (
        {"presentation": "3", "most": "10"},
        {"presentation": "1", "most": "20"},
    )


def test_only_who_is_there_is_drawn_in_turn_and_an_answer_is_noted_once(
    tia: User, students: dict[str, User], session: Session, course: Course
) -> None:
    window = {"section": None, "minutes": 0, "late_after": 0, "by": tia, "now": current_time(session)}
    call = attendance.open_roll_call(session, course=course, title="Week 1", **window)
    with pytest.raises(service.rules.NobodyPresent):
        service.draw(session, roll_call=call, by=tia)
    for login, presence in (("ada", Presence.present), ("bob", Presence.late), ("cleo", Presence.absent)):
        attendance.mark(session, roll_call=call, login=login, presence=presence, reason="", seen=None, by=tia)
    drawn = [service.draw(session, roll_call=call, by=tia) for _ in range(4)]
    assert sorted(each.student.login for each in drawn) == ["ada", "ada", "bob", "bob"]
    assert {each.student.login for each in drawn[:2]} == {"ada", "bob"}
    assert [each["times_drawn"] for each in drawn[2].pool] == [1, 1]
    service.record_reply(session, draw=drawn[0], reply=Reply.answered, text="", by=tia)
    service.record_reply(session, draw=drawn[1], reply=Reply.not_answered, text="", by=tia)
    with pytest.raises(service.rules.AlreadyReplied):
        service.record_reply(session, draw=drawn[0], reply=Reply.answered, text="", by=tia)
    notes = session.scalars(select(Note)).all()
    assert [(each.student_id, each.points) for each in notes] == [(drawn[0].student_id, 1)]
    assert session.get_one(ColdCall, drawn[0].id).note_id == notes[0].id


def test_points_take_a_fixed_number_of_queries(
    tia: User, session: Session, course: Course, make_member: Callable[..., User]
) -> None:
    def count() -> int:
        session.expire_all()
        session.refresh(course)
        seen: list[str] = []
        listener = lambda *details: seen.append(details[2])  # noqa: E731
        event.listen(session.get_bind(), "before_cursor_execute", listener)
        service.points(session, course)
        event.remove(session.get_bind(), "before_cursor_execute", listener)
        return len(seen)

    make_member("s0")
    few = count()
    for n in range(1, 20):
        service.add_note(session, course=course, login=make_member(f"s{n}").login, kind="question", text="", by=tia)
    assert count() == few


def test_a_solution_is_shown_once_its_author_agrees_and_the_assignment_has_closed(
    client_as: As, tia: User, students: dict[str, User], assignment: Assignment, hand_in: Callable, session: Session
) -> None:
    work = hand_in(assignment, students["ada"], source="def double(x): return x + x  # CANARY\n")
    staff, ada, bob = client_as(tia), client_as(students["ada"]), client_as(students["bob"])
    page = f"{SHOWCASE}/{work.id}"

    def seen_by_bob() -> int:
        return bob.get(page).status_code

    assert ada.post(f"{page}/consent", data={"shown_as": "name"}).status_code == 409  # nobody has asked
    staff.post(f"{page}/invite", data={"word": "elegant"})
    assert "elegant" in ada.get(page).text and seen_by_bob() == 404
    assert bob.post(f"{page}/consent", data={"shown_as": "name"}).status_code == 404
    assert staff.post(f"{page}/consent", data={"shown_as": "name"}).status_code == 404
    ada.post(f"{page}/answer", data={"state": "accepted"})
    ada.post(f"{page}/consent", data={"shown_as": "pseudonym"})
    assert seen_by_bob() == 404  # bob may still hand in
    close(session, assignment)
    extend(session, assignment=assignment, new=NewExtension(students["bob"].login, "was ill", plus_hours=40 * 24), by=tia)
    session.commit()
    assert seen_by_bob() == 404 and f"showcase/{work.id}" not in bob.get(SHOWCASE).text  # he still may
    close(session, assignment)
    shown = bob.get(page).text
    assert "CANARY" in shown and "Ada" not in shown and "Ada" not in bob.get(SHOWCASE).text
    ada.post(f"{page}/consent", data={"shown_as": "name"})
    assert "Ada" in bob.get(SHOWCASE).text
    ada.post(f"{page}/consent", data={})
    assert seen_by_bob() == 404 and f"showcase/{work.id}" not in bob.get(SHOWCASE).text


def close(session: Session, assignment: Assignment) -> None:
    found = session.get_one(Assignment, assignment.id)
    for name in ("opens_at", "due_at", "closes_at"):
        setattr(found, name, getattr(found, name) - timedelta(days=30))
    session.commit()

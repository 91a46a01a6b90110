"""Making an exam and changing it: nothing is shown earlier unasked, nobody who sits loses anything."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment, Counts
from server.audit import AuditLine
from server.courses import sections
from server.courses import service as courses
from server.courses.models import Course, Role, Section
from server.database import current_time
from server.exams import checklist
from server.exams.models import Exam, ExamWindow, Grant, Sitting
from server.settings import Settings
from server.submissions.models import Submission
from tests.server.exams.conftest import COURSE, ROOM, Tab

SETUP = f"/api/v1/courses/{COURSE}/assignments/mixed/exam"


@pytest.fixture
def teacher(client_as: Callable[[User], TestClient], make_member: Callable[..., User]) -> TestClient:
    return client_as(make_member("ines", Role.instructor))


@pytest.fixture
def later(make_exam: Callable[..., Exam]) -> Exam:
    """Opens in a day, for two hours."""
    return make_exam(opens_in_s=86_400, closes_in_s=93_600)


@pytest.fixture
def section(session: Session, course: Course, student: User) -> Section:
    """Of the student."""
    section = Section(course_id=course.id, name="A1")
    session.add(section)
    session.flush()
    courses.find_enrollment(session, course_slug=course.slug, user=student).section = section
    session.commit()
    return section


def put(teacher: TestClient, *, dry_run: bool = False, **fields: Any) -> Any:
    version = teacher.get(SETUP).json()["version"]
    return teacher.put(f"{SETUP}{'?dry_run=true' if dry_run else ''}", json={"version": version, **fields})


def in_hours(session: Session, hours: float) -> str:
    return (current_time(session) + timedelta(hours=hours)).isoformat()


def test_an_assignment_becomes_an_exam_that_nobody_sees(
    make_assignment: Callable[..., Assignment], teacher: TestClient, session: Session, client_as: Callable, student: User
) -> None:
    assignment = make_assignment(slug="mixed")
    before = teacher.get(SETUP).json()
    assert (before["is_exam"], before["version"], before["minutes"]) == (False, 0, 120)
    known = {"minutes": 90, "opens_at": in_hours(session, 24), "closes_at": in_hours(session, 26)}
    made = put(teacher, **known)
    assert (made.status_code, made.json()["is_exam"], made.json()["version"], made.json()["minutes"]) == (200, True, 1, 90)
    session.expire_all()
    assert (assignment.is_exam, assignment.counts, assignment.due_at) == (True, Counts.latest, assignment.closes_at)
    line = session.scalars(select(AuditLine).where(AuditLine.action == "exam.set_up")).one()
    assert (line.subject["before"], line.subject["after"]["minutes"]) == (None, 90)
    told = client_as(student).get(f"/api/v1/courses/{COURSE}/exams/mixed").json()
    assert (told["phase"], told["minutes"]) == ("before", 90)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"opens_in": -1}, "opens_sooner"), ({"opens_in": 23}, "opens_sooner"), ({"is_practice": True}, "practice")],
)
def test_what_shows_questions_earlier_is_simulated_and_confirmed(
    later: Exam, teacher: TestClient, session: Session, fields: dict, reason: str
) -> None:
    if "opens_in" in fields:
        fields = {"opens_at": in_hours(session, fields["opens_in"])}
    refused = put(teacher, **fields)
    assert (refused.status_code, refused.json()["code"], refused.json()["reasons"]) == (409, "shows_sooner", [reason])
    [group] = refused.json()["simulation"]["groups"]
    assert (group["section"], group["before"]["opens_at"]) == (None, later.assignment.opens_at.isoformat())
    session.expire_all()
    assert session.get_one(Exam, later.assignment_id).version == 1
    assert put(teacher, **fields, confirm=True).status_code == 200
    line = session.scalars(select(AuditLine).where(AuditLine.action == "exam.set_up")).one()
    assert line.subject["is_confirmed"] is True


def test_opening_later_is_not_asked_about(later: Exam, teacher: TestClient, session: Session) -> None:
    assert put(teacher, opens_at=in_hours(session, 25), closes_at=in_hours(session, 28)).status_code == 200


def test_what_would_happen_is_only_said(later: Exam, teacher: TestClient, session: Session, section: Section) -> None:
    windows = [{"section": "A1", "opens_at": in_hours(session, 1), "closes_at": in_hours(session, 2)}]
    answer = put(teacher, dry_run=True, windows=windows)
    groups = answer.json()["simulation"]["groups"]
    assert [(each["section"], each["students"]) for each in groups] == [(None, 0), ("A1", 1)]
    assert answer.json()["simulation"]["reasons"] == ["opens_sooner"]
    assert session.scalars(select(ExamWindow)).all() == []
    assert put(teacher, windows=windows).json()["code"] == "shows_sooner"
    assert put(teacher, windows=windows, confirm=True).status_code == 200
    assert teacher.get(SETUP).json()["windows"][0]["section"] == "A1"


def test_networks_are_checked_and_widening_them_is_confirmed(later: Exam, teacher: TestClient) -> None:
    assert put(teacher, networks=["10.20.0.0/99"]).json()["code"] == "bad_network"
    assert put(teacher, networks=["10.20.3.4/16"]).json()["networks"] == ["10.20.0.0/16"]
    assert put(teacher, networks=[]).json()["reasons"] == ["networks"]
    assert put(teacher, networks=["10.20.30.0/24"]).status_code == 200


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (
            {"windows": [{"section": "none", "opens_at": "2026-01-01T00:00Z", "closes_at": "2026-01-02T00:00Z"}]},
            "no_such_section",
        ),
        ({"opens_at": "2026-01-02T00:00Z", "closes_at": "2026-01-01T00:00Z"}, "bad_window"),
        ({"version": 7}, "changed_meanwhile"),
    ],
)
def test_what_cannot_be_is_refused(later: Exam, teacher: TestClient, fields: dict, code: str) -> None:
    assert put(teacher, **fields).json()["code"] == code


def test_who_sits_keeps_the_time_and_may_get_more(
    exam: Exam, tab: Callable[..., Tab], teacher: TestClient, session: Session
) -> None:
    tab().start()
    before = session.scalars(select(Sitting)).one()
    kept = before.working_s, before.closes_at
    assert put(teacher, minutes=5, closes_at=in_hours(session, 1)).status_code == 200
    session.expire_all()
    assert (before.working_s, before.closes_at) == kept
    later = put(teacher, closes_at=in_hours(session, 5), dry_run=True).json()["simulation"]["groups"][0]
    assert (later["sitting"], later["cut_off"]) == (1, 1)
    assert put(teacher, closes_at=in_hours(session, 5), moves_running=True).status_code == 200
    session.expire_all()
    assert before.closes_at == exam.assignment.closes_at > kept[1]
    lines = session.scalars(select(AuditLine).where(AuditLine.action == "exam.set_up").order_by(AuditLine.id)).all()
    assert lines[-1].subject["students"] == ["ada"]
    assert put(teacher, closes_at=in_hours(session, 1), moves_running=True).status_code == 200
    session.expire_all()
    assert before.closes_at > exam.assignment.closes_at


def test_an_exam_that_somebody_has_begun_stays_one(exam: Exam, tab: Callable[..., Tab], teacher: TestClient) -> None:
    tab().start()
    assert put(teacher, is_practice=True, confirm=True).json()["code"] == "has_sittings"
    assert teacher.delete(f"{SETUP}?version=1").json()["code"] == "has_sittings"


def test_one_that_nobody_has_begun_becomes_a_hidden_assignment(later: Exam, teacher: TestClient, session: Session) -> None:
    assert teacher.delete(f"{SETUP}?version=1").json()["is_exam"] is False
    session.expire_all()
    assignment = session.scalars(select(Assignment)).one()
    assert (assignment.is_exam, assignment.visible) == (False, False)
    assert session.scalars(select(AuditLine).where(AuditLine.action == "exam.unmade")).one() is not None


def test_what_was_said_in_an_exam_is_never_erased(later: Exam, teacher: TestClient, session: Session) -> None:
    teacher.post(f"{ROOM}/notices", json={"text": {"en": "a", "zh": "b"}})
    assert teacher.delete(f"{SETUP}?version=1").json()["code"] == "has_records"
    session.expire_all()
    assert session.get_one(Exam, later.assignment_id).assignment.is_exam


def test_what_students_have_handed_in_to_is_no_exam(
    assignment: Assignment, hand_in: Callable[..., Submission], student: User, teacher: TestClient
) -> None:
    hand_in(assignment, student)
    answer = teacher.put(f"/api/v1/courses/{COURSE}/assignments/tiny/exam", json={"minutes": 60, "confirm": True})
    assert answer.json()["code"] == "has_work"


def test_the_window_of_an_exam_is_not_moved_as_a_date(later: Exam, teacher: TestClient, session: Session, student: User) -> None:
    dates = f"/api/v1/courses/{COURSE}/assignments/mixed/dates"
    moved = teacher.put(dates, json={"opens_at": in_hours(session, -1), "reason": "x", "version": 0})
    extended = teacher.post(f"{dates}/extensions", json={"recipient": "ada", "plus_hours": 5, "reason": "x"})
    assert [moved.json()["code"], extended.json()["code"]] == ["times_of_an_exam"] * 2


def test_a_list_is_looked_at_first_and_gives_nothing_twice(
    later: Exam, teacher: TestClient, make_member: Callable[..., User]
) -> None:
    for login in ("ada", "bob"):
        make_member(login)
    path, text = f"{ROOM}/accommodations", "login,minutes,reason\nada,30,dyslexia\nbob,25%,arm in plaster\n"
    files = {"file": ("list.csv", text.encode())}
    assert teacher.post(f"{path}?dry_run=true", files=files).json() == {"ada": 1800, "bob": 900}
    assert teacher.get(f"{ROOM}/grants").json() == []
    assert teacher.post(path, files=files).json() == {"ada": 1800, "bob": 900}
    assert teacher.post(path, files=files).json() == {}
    more = {"file": ("list.csv", text.replace("30", "45").encode())}
    assert teacher.post(path, files=more).json() == {"ada": 900}
    assert {each["kind"] for each in teacher.get(f"{ROOM}/grants").json()} == {Grant.accommodation}


def test_a_list_with_a_fault_gives_nothing(later: Exam, teacher: TestClient, student: User) -> None:
    text = "登录名,分钟,原因\nada,30,x\nnobody,10,x\nada,5,x\n"
    answer = teacher.post(f"{ROOM}/accommodations", files={"file": ("list.csv", text.encode("gb18030"))})
    assert (answer.status_code, len(answer.json()["faults"])) == (422, 2)
    assert teacher.get(f"{ROOM}/grants").json() == []


def test_the_checklist_asks_for_what_nobody_has_said(
    later: Exam, session: Session, teacher: TestClient, settings: Settings
) -> None:
    found = {each["id"]: each for each in teacher.get(f"{ROOM}/checklist").json()}
    assert {name for name, each in found.items() if each["is_ok"]} >= {"paper", "times", "sections", "elsewhere", "clock"}
    assert {name for name, each in found.items() if not each["is_ok"]} >= {"verified", "rehearsed", "backed_up", "workers"}
    assert teacher.post(f"{ROOM}/checklist", json={"item": "verified", "note": "20 seeds"}).status_code == 201
    after = {each["id"]: each for each in teacher.get(f"{ROOM}/checklist").json()}
    assert after["verified"]["is_ok"] and "20 seeds" in after["verified"]["seen"]["en"]
    assert teacher.post(f"{ROOM}/checklist", json={"item": "anything"}).status_code == 404


def test_what_was_said_of_an_earlier_content_does_not_hold(
    later: Exam, session: Session, settings: Settings, student: User
) -> None:
    items = list(checklist.ticks(session, later, "new"))
    assert [each.is_ok for each in items] == [False] * 3
    checklist.tick(session, exam=later, item="verified", note="", by=student, settings=settings)
    assert next(checklist.ticks(session, later, "changed since")).is_ok is False
    assert next(checklist.ticks(session, later, checklist.content_of(later.assignment, settings))).is_ok is True


def test_who_is_in_no_section_with_a_window_is_named(
    later: Exam, session: Session, section: Section, make_member: Callable
) -> None:
    make_member("bob")
    opens_at: datetime = later.assignment.opens_at
    session.add(
        ExamWindow(exam_id=later.assignment_id, section_id=section.id, opens_at=opens_at, closes_at=later.assignment.closes_at)
    )
    session.commit()
    item = checklist.sections(session, later)
    assert not item.is_ok and "bob" in item.seen.en and "ada" not in item.seen.en


@pytest.mark.parametrize("has_window", ["section", "into"])
def test_a_section_that_sits_apart_is_not_merged(
    later: Exam, session: Session, course: Course, section: Section, make_member: Callable[..., User], has_window: str
) -> None:
    """Whichever it is: the other one would see the paper earlier, or miss it."""
    boss = make_member("boss", Role.instructor)
    other = sections.create(session, course=course, by=boss, name="A2")
    of = section if has_window == "section" else other
    window = {"opens_at": later.assignment.opens_at - timedelta(hours=1), "closes_at": later.assignment.closes_at}
    session.add(ExamWindow(exam_id=later.assignment_id, section_id=of.id, **window))
    session.flush()
    with pytest.raises(sections.SitsApart, match=f"^{of.name} "):
        sections.merge(session, course=course, by=boss, section=section, into=other)
    session.delete(session.scalars(select(ExamWindow)).one())
    sections.merge(session, course=course, by=boss, section=section, into=other)
    assert [each.name for each in sections.list_sections(session, course=course)] == ["A2"]

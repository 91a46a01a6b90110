"""A roll call over HTTP: who may sign in, when, how often; corrections, leave, shares."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.attendance import rules, service
from server.attendance.models import Presence, RollCall, Sighting, Source, WrongCode
from server.audit import list_lines
from server.courses.models import Course, Enrollment, Role, Section
from server.database import current_time

PATH = "/api/v1/courses/dl-2026/attendance"
As = Callable[[User], TestClient]


@pytest.fixture
def students(make_member: Callable[..., User]) -> dict[str, User]:
    return {login: make_member(login) for login in ("ada", "bob", "cleo")}


@pytest.fixture
def tia(client_as: As, make_member: Callable[..., User]) -> TestClient:
    return client_as(make_member("tia", Role.ta))


@pytest.fixture
def evening(session: Session, course: Course, students: dict[str, User]) -> Section:
    """Cleo's section."""
    section = Section(course_id=course.id, name="Evening")
    session.add(section)
    session.flush()
    session.scalars(select(Enrollment).where(Enrollment.user_id == students["cleo"].id)).one().section = section
    session.commit()
    return section


def code_of(session: Session, roll_call_id: int, *, back: int = 0) -> str:
    """What the wall shows now, or showed so many codes ago."""
    session.expire_all()
    call = session.get_one(RollCall, roll_call_id)
    return rules.code_at(call.secret, rules.step_of(call.opened_at, current_time(session)) - back)


def begin_earlier(session: Session, roll_call_id: int, **ago: int) -> None:
    """As if it had been opened a while ago."""
    call = session.get_one(RollCall, roll_call_id)
    for name in ("opened_at", "late_from", "closes_at"):
        setattr(call, name, getattr(call, name) - timedelta(**ago))
    session.commit()


def opened(tia: TestClient, **fields: object) -> int:
    answer = tia.post(PATH, json={"title": "Week 1", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def states(tia: TestClient, call: int) -> dict[str, str | None]:
    return {each["student"]: each["presence"] for each in tia.get(f"{PATH}/{call}").json()["students"]}


def test_a_code_makes_present_late_after_the_border_and_absent_without(
    tia: TestClient, client_as: As, students: dict[str, User], session: Session
) -> None:
    call = opened(tia)
    ada, bob = client_as(students["ada"]), client_as(students["bob"])
    assert ada.post(f"{PATH}/{call}/sign-in", json={"code": code_of(session, call)}).json()["presence"] == "present"
    assert states(tia, call) == {"ada": "present", "bob": None, "cleo": None}
    begin_earlier(session, call, minutes=6)
    assert bob.post(f"{PATH}/{call}/sign-in", json={"code": code_of(session, call)}).json()["presence"] == "late"
    tia.post(f"{PATH}/{call}/close")
    assert states(tia, call) == {"ada": "present", "bob": "late", "cleo": "absent"}
    shares = {each["student"]: each["fraction"] for each in tia.get(f"{PATH}/shares").json()}
    assert {login: Decimal(value) for login, value in shares.items()} == {"ada": 1, "bob": Decimal("0.5"), "cleo": 0}


def test_each_refusal_has_its_own_reason(
    tia: TestClient, client_as: As, students: dict[str, User], evening: Section, session: Session
) -> None:
    call = opened(tia, section="Evening")
    begin_earlier(session, call, minutes=2)
    ada, cleo = client_as(students["ada"]), client_as(students["cleo"])

    def typed(who: TestClient, code: str) -> str | None:
        answer = who.post(f"{PATH}/{call}/sign-in", json={"code": code})
        return answer.json().get("code") if answer.is_error else None

    assert typed(ada, code_of(session, call)) == "not_in_this_section"
    assert typed(cleo, code_of(session, call, back=4)) == "old_code"
    assert typed(cleo, "nonsense") == "wrong_code"
    assert typed(tia, code_of(session, call)) == "students_only"
    assert typed(cleo, code_of(session, call)) is None
    assert typed(cleo, code_of(session, call)) == "already_seen"
    tia.post(f"{PATH}/{call}/close")
    other = opened(tia, minutes=0, late_after=0)
    late = cleo.post(f"{PATH}/{other}/sign-in", json={"code": code_of(session, other)})
    assert late.json()["code"] == "roll_call_closed"


def test_guessing_is_slowed_down_for_the_one_who_guesses(
    tia: TestClient, client_as: As, students: dict[str, User], session: Session
) -> None:
    call = opened(tia)
    ada, bob = client_as(students["ada"]), client_as(students["bob"])
    for _ in range(rules.MAX_WRONG):
        assert ada.post(f"{PATH}/{call}/sign-in", json={"code": "AAAAAA"}).status_code == 409
    answer = ada.post(f"{PATH}/{call}/sign-in", json={"code": code_of(session, call)})
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0
    assert bob.post(f"{PATH}/{call}/sign-in", json={"code": code_of(session, call)}).status_code == 200
    for each in session.scalars(select(WrongCode)):
        each.at -= rules.WRONG_WINDOW
    session.commit()
    assert ada.post(f"{PATH}/{call}/sign-in", json={"code": code_of(session, call)}).status_code == 200


def test_a_code_sent_twice_at_once_counts_once(
    tia: TestClient, client_as: As, students: dict[str, User], session: Session
) -> None:
    call = opened(tia)
    ada, code = client_as(students["ada"]), code_of(session, call)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ada.post(f"{PATH}/{call}/sign-in", json={"code": code}).status_code, range(4)))
    assert sorted(answers) == [200, 409, 409, 409]
    assert len(session.scalars(select(Sighting)).all()) == 1


def test_a_correction_says_who_from_what_and_why_and_keeps_what_stood_there(
    tia: TestClient, students: dict[str, User], session: Session, course: Course
) -> None:
    call = opened(tia, minutes=0, late_after=0)
    assert tia.put(f"{PATH}/{call}/marks/ada", json={"presence": "excused"}).json()["code"] == "reason_missing"
    assert tia.put(f"{PATH}/{call}/marks/ada", json={"presence": "present"}).status_code == 200
    assert tia.put(f"{PATH}/{call}/marks/ada", json={"presence": "excused", "reason": "ill"}).status_code == 200
    assert [each.presence for each in session.scalars(select(Sighting).order_by(Sighting.id))] == ["present", "excused"]
    line = list_lines(session, course=course)[0]
    told = {key: line.subject[key] for key in ("student", "before", "now", "reason")}
    assert (line.action, line.actor.login) == ("attendance.marked", "tia")
    assert told == {"student": "ada", "before": "present", "now": "excused", "reason": "ill"}
    assert tia.put(f"{PATH}/{call}/marks/nobody", json={"presence": "present"}).json()["code"] == "no_such_student"


def test_the_second_of_two_who_mark_is_told(
    tia: TestClient, client_as: As, make_member: Callable[..., User], students: dict[str, User]
) -> None:
    tom, call = client_as(make_member("tom", Role.ta)), opened(tia)
    assert tia.put(f"{PATH}/{call}/marks/ada", json={"presence": "late", "seen": 0}).status_code == 200
    second = tom.put(f"{PATH}/{call}/marks/ada", json={"presence": "absent", "seen": 0})
    assert second.json()["code"] == "marked_meanwhile" and "Tia" in second.json()["detail"]
    assert states(tia, call)["ada"] == "late"
    again = tom.put(f"{PATH}/{call}/marks/ada", json={"presence": "absent", "seen": second.json()["seen"]})
    assert again.status_code == 200


def test_history_stays(tia: TestClient, students: dict[str, User], session: Session) -> None:
    call = opened(tia)
    tia.put(f"{PATH}/{call}/marks/ada", json={"presence": "late"})
    for change in ("UPDATE sightings SET presence = 'present'", "DELETE FROM sightings"):
        with pytest.raises(DatabaseError, match="only"):
            session.execute(text(change))
        session.rollback()


def test_leave_excuses_before_and_after_the_roll_call_but_not_who_came(
    tia: TestClient, client_as: As, students: dict[str, User], session: Session, course: Course
) -> None:
    today = rules.day_of(current_time(session), course.time_zone).isoformat()
    wanted = {"first_day": today, "last_day": today, "reason": "a competition"}
    ada, bob = client_as(students["ada"]), client_as(students["bob"])
    asked = [who.post(f"{PATH}/leave", json=wanted).json()["id"] for who in (ada, bob)]
    before = opened(tia)
    tia.put(f"{PATH}/{before}/marks/bob", json={"presence": "present"})
    for each in asked:
        assert tia.post(f"{PATH}/leave/{each}/answer", json={"approve": True, "word": "good luck"}).status_code == 200
    after = opened(tia)
    assert (states(tia, before)["ada"], states(tia, before)["bob"]) == ("excused", "present")
    assert (states(tia, after)["ada"], states(tia, after)["bob"], states(tia, after)["cleo"]) == ("excused", "excused", None)
    assert tia.post(f"{PATH}/leave/{asked[0]}/answer", json={"approve": False}).json()["code"] == "leave_answered"
    assert [each["answer"] for each in ada.get(f"{PATH}/leave").json()] == ["good luck"]


def test_leave_is_ones_own_until_it_is_answered(tia: TestClient, client_as: As, students: dict[str, User]) -> None:
    ada, bob = client_as(students["ada"]), client_as(students["bob"])
    wanted = {"first_day": "2099-01-01", "last_day": "2099-01-02", "reason": "a wedding"}
    asked = ada.post(f"{PATH}/leave", json=wanted).json()["id"]
    assert bob.delete(f"{PATH}/leave/{asked}").status_code == 404 and bob.get(f"{PATH}/leave").json() == []
    assert ada.delete(f"{PATH}/leave/{asked}").json()["state"] == "withdrawn"
    assert tia.post(f"{PATH}/leave/{asked}/answer", json={"approve": True}).status_code == 409
    assert tia.post(f"{PATH}/leave", json=wanted).json()["code"] == "students_only"


def test_who_joins_the_course_later_was_not_absent(
    tia: TestClient, students: dict[str, User], make_member: Callable[..., User]
) -> None:
    opened(tia, minutes=0, late_after=0)
    make_member("zoe")
    shares = {each["student"]: each for each in tia.get(f"{PATH}/shares").json()}
    assert shares["ada"]["absent"] == 1 and shares["zoe"]["absent"] == 0 and shares["zoe"]["fraction"] is None


def test_a_file_holds_no_formula(tia: TestClient, students: dict[str, User], session: Session) -> None:
    students["ada"].display_name = '=HYPERLINK("http://evil")'
    session.merge(students["ada"])
    session.commit()
    opened(tia, title="+cmd", minutes=0, late_after=0)
    lines = tia.get(f"{PATH}/export").text.splitlines()
    assert "'=HYPERLINK" in lines[1] and ",=" not in lines[1] and "absent" in lines[1]


def test_shares_of_a_large_course_take_a_fixed_number_of_queries(session: Session, course: Course, make_user: Callable) -> None:
    """300 students and 16 roll calls as 2 and 1."""
    staff = make_user("tia")

    def grow(students: int, calls: int) -> int:
        start = len(session.scalars(select(User)).all())
        people = [User(login=f"s{start + n}", display_name=f"S {n}") for n in range(students)]
        session.add_all(people)
        session.flush()
        session.add_all(Enrollment(course_id=course.id, user_id=each.id, role=Role.student) for each in people)
        session.flush()
        now = current_time(session)
        for _ in range(calls):
            window = {"minutes": 0, "late_after": 0, "by": staff, "now": now}
            call = service.open_roll_call(session, course=course, title="t", section=None, **window)
            seen = {"roll_call_id": call.id, "presence": Presence.present, "source": Source.staff, "actor_id": staff.id}
            session.add_all(Sighting(student_id=each.id, **seen) for each in people)
        session.commit()
        return count_queries(session, course)

    assert grow(2, 1) == grow(298, 15)
    found = service.shares(session, course)
    assert len(found) == 300 and found[session.scalar(select(User.id).where(User.login == "s1"))].present == 1


def count_queries(session: Session, course: Course) -> int:
    session.expire_all()
    session.refresh(course)
    seen: list[str] = []
    listener = lambda *details: seen.append(details[2])  # noqa: E731
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", listener)
    try:
        service.shares(session, course)
    finally:
        event.remove(engine, "before_cursor_execute", listener)
    return len(seen)

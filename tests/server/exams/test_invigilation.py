"""What staff do while an exam runs: time, permissions, notices, handing in, opening again; nobody's end moves to earlier."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import AuditLine
from server.courses import service as courses
from server.courses.models import Course, Section
from server.database import current_time
from server.errors import AppError
from server.exams import invigilation, live, queries
from server.exams.models import Exam, Grant, MissedSave, Place, PlaceState, SavedAnswer, Sitting, TimeGrant
from server.exams.staff_refusals import TimeInUse
from server.settings import Settings
from server.submissions.models import Submission
from tests.server.exams.conftest import ROOM, Tab

HELD = {"deadline": None, "max_examples": 15, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@pytest.fixture
def staff(client_as: Callable[[User], TestClient], invigilator: User) -> TestClient:
    return client_as(invigilator)


@pytest.fixture
def sitting(exam: Exam, tab: Callable[..., Tab]) -> Tab:
    """The student sits, at one tab."""
    place = tab()
    assert place.start().status_code == 201
    return place


def end_of(session: Session) -> datetime:
    session.expire_all()
    return queries.end_of(session, session.scalars(select(Sitting)).one())


def lines(session: Session, action: str) -> list[dict[str, Any]]:
    return [each.subject for each in session.scalars(select(AuditLine).where(AuditLine.action == action).order_by(AuditLine.id))]


def ask(staff: TestClient, what: str, **body: Any) -> Any:
    return staff.post(f"{ROOM}/{what}", json=body)


def test_extra_time_reaches_the_room_and_the_audit_log(sitting: Tab, staff: TestClient, session: Session) -> None:
    before = end_of(session)
    answer = ask(staff, "grants", students=["ada"], minutes=10, reason="fire alarm")
    assert (answer.status_code, answer.json()["seconds"], answer.json()["left_out"]) == (201, 600, [])
    assert end_of(session) - before == timedelta(minutes=10)
    told = sitting.get("clock").json()
    assert datetime.fromisoformat(told["ends_at"]) == end_of(session)
    assert [(each["seconds"], each["kind"], each["reason"]) for each in told["granted"]] == [(600, "extra", "fire alarm")]
    known = {"exam": "mixed", "students": ["ada"], "seconds": 600, "kind": "extra", "reason": "fire alarm"}
    assert lines(session, "exam.granted") == [known]


def test_time_without_a_reason_or_for_a_stranger_is_refused(sitting: Tab, staff: TestClient, session: Session) -> None:
    before = end_of(session)
    codes = [
        ask(staff, "grants", students=["ada"], minutes=10, reason="  ").json()["code"],
        ask(staff, "grants", students=["nobody"], minutes=10, reason="why").json()["code"],
        ask(staff, "grants", section="none", minutes=10, reason="why").json()["code"],
        ask(staff, "grants", students=["ada"], reason="why").json()["code"],
        ask(staff, "grants", students=["ada"], minutes=5, percent=5, reason="why").json()["code"],
        ask(staff, "grants", students=["ada"], minutes=5, kind="outage", reason="why").json()["code"],
    ]
    assert codes == ["reason_missing", "no_students", "no_such_section", "bad_minutes", "bad_minutes", "bad_minutes"]
    assert end_of(session) == before


def test_a_section_is_given_time_and_nobody_else(
    exam: Exam, staff: TestClient, session: Session, course: Course, make_member: Callable[..., User]
) -> None:
    section = Section(course_id=course.id, name="A1")
    session.add(section)
    inside, outside = make_member("inside"), make_member("outside")
    session.flush()
    courses.find_enrollment(session, course_slug=course.slug, user=inside).section = section
    session.commit()
    answer = ask(staff, "grants", section="A1", percent=25, kind="accommodation", reason="dyslexia")
    assert (list(answer.json()["grants"]), answer.json()["seconds"]) == (["inside"], exam.minutes * 15)
    assert queries.granted_s(session, exam_id=exam.assignment_id, student_id=outside.id) == 0


def test_who_has_handed_in_is_left_out(sitting: Tab, staff: TestClient, make_member: Callable[..., User]) -> None:
    make_member("bob")
    assert sitting.hand_in().status_code == 201
    assert ask(staff, "grants", all=True, minutes=5, reason="late start").json()["left_out"] == ["ada"]
    assert ask(staff, "grants", students=["ada"], minutes=5, reason="again").json()["code"] == "nobody_sits"


def test_a_mistake_is_taken_back_once(sitting: Tab, staff: TestClient, session: Session) -> None:
    before = end_of(session)
    given = ask(staff, "grants", students=["ada"], minutes=500, reason="5").json()["grants"]["ada"]
    back = ask(staff, f"grants/{given}/take-back", reason="5 was meant")
    assert back.status_code == 200 and end_of(session) == before
    assert ask(staff, f"grants/{given}/take-back", reason="again").json()["code"] == "taken_back_already"
    assert lines(session, "exam.grant_taken_back")[0]["seconds"] == 500 * 60


@pytest.mark.parametrize(("left_s", "stays"), [(240, True), (320, False)])
def test_a_mistake_that_is_in_use_stays(
    sitting: Tab, staff: TestClient, session: Session, ends_in: Callable[[float], datetime], left_s: float, stays: bool
) -> None:
    given = ask(staff, "grants", students=["ada"], minutes=30, reason="3").json()["grants"]["ada"]
    ends_in(left_s)
    answer = ask(staff, f"grants/{given}/take-back", reason="3 was meant")
    assert (answer.status_code == 409) is stays
    if stays:
        assert answer.json()["code"] == "time_in_use"


def test_what_the_platform_gave_is_never_taken_back(sitting: Tab, staff: TestClient, session: Session, exam: Exam) -> None:
    student_id = session.scalars(select(Sitting.student_id)).one()
    row = TimeGrant(
        exam_id=exam.assignment_id, student_id=student_id, seconds=30, kind=Grant.outage, reason="x", cause="outage 1"
    )
    session.add(row)
    session.commit()
    assert ask(staff, f"grants/{row.id}/take-back", reason="no").json()["code"] == "given_by_itself"


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.integers(1, 90)),
        st.tuples(st.just("reopen"), st.integers(1, 90)),
        st.tuples(st.just("hand_in"), st.just(0)),
        st.tuples(st.just("take_back"), st.integers(0, 5)),
    ),
    max_size=8,
)


@drawn(acts=ACTS)
@settings(**HELD)
def test_no_act_of_staff_moves_an_end_to_earlier(
    session: Session, sitting: Tab, exam: Exam, invigilator: User, settings: Settings, acts: list[tuple[str, int]]
) -> None:
    """But taking back a mistake, which leaves at least five minutes."""
    for act, number in acts:
        now, before = current_time(session), end_of(session)
        try:
            with session.begin_nested():
                do(session, exam, invigilator, settings, act, number, now)
        except AppError:
            assert end_of(session) == before
            continue
        after = end_of(session)
        assert after >= before or (act == "take_back" and after >= now + timedelta(minutes=5))
    session.rollback()


def do(session: Session, exam: Exam, by: User, settings: Settings, act: str, number: int, now: datetime) -> None:
    known = {"exam": exam, "by": by, "reason": "why"}
    match act:
        case "grant":
            chosen = invigilation.choose(session, exam=exam, logins=["ada"])
            invigilation.grant(session, students=chosen, seconds=number * 60, kind=Grant.extra, **known)
        case "reopen":
            invigilation.reopen(session, login="ada", minutes=number, now=now, **known)
        case "hand_in":
            invigilation.hand_in_for(session, login="ada", settings=settings, now=now, **known)
        case "take_back":
            given = session.scalars(select(TimeGrant).where(TimeGrant.kind == Grant.extra).order_by(TimeGrant.id)).all()
            if number < len(given):
                invigilation.take_back(session, grant_id=given[number].id, now=now, **known)


def test_another_device_goes_on_once_it_is_permitted(
    sitting: Tab, tab: Callable[..., Tab], staff: TestClient, session: Session
) -> None:
    other = tab(agent="Edge at home")
    assert other.enter().json()["state"] == "waiting"
    assert other.get("paper").json()["code"] == "awaiting_permission"
    [line] = staff.get(f"{ROOM}/live").json()["students"]
    assert line["needs"][0] == "asks_to_move"
    place = line["waiting"][0]["id"]
    assert ask(staff, f"places/{place}", decision="permit").json()["state"] == "active"
    assert other.get("paper").status_code == 200
    assert sitting.get("paper").json()["code"] == "another_place"
    assert ask(staff, f"places/{place}", decision="refuse").json()["code"] == "nothing_to_answer"
    assert lines(session, "exam.place.permitted") == [{"exam": "mixed", "student": "ada", "place": place}]


def test_a_refused_device_stays_out_and_the_first_goes_on(
    sitting: Tab, tab: Callable[..., Tab], staff: TestClient, session: Session
) -> None:
    other = tab(agent="Edge at home")
    other.enter()
    place = session.scalars(select(Place.id).where(Place.state == PlaceState.waiting)).one()
    assert ask(staff, f"places/{place}", decision="refuse").status_code == 200
    assert other.get("paper").json()["code"] == "place_refused"
    assert sitting.get("paper").status_code == 200


def test_a_notice_is_read_in_the_room_in_both_languages(sitting: Tab, staff: TestClient, session: Session) -> None:
    assert sitting.save(essay="a").json()["newest_notice"] == 0
    said = ask(staff, "notices", text={"en": "Question 3: n is 4.", "zh": "第 3 题：n 为 4。"})
    assert sitting.save(essay="b").json()["newest_notice"] == said.json()["id"], "whoever types is told to ask for it"
    assert said.status_code == 201
    assert [each["text"]["zh"] for each in sitting.get("clock").json()["notices"]] == ["第 3 题：n 为 4。"]
    assert ask(staff, "notices", text={"en": "Only one", "zh": " "}).json()["code"] == "nothing_said"
    assert lines(session, "exam.said")[0]["en"] == "Question 3: n is 4."


def test_staff_hand_in_what_is_saved_and_let_it_go_on(sitting: Tab, staff: TestClient, session: Session) -> None:
    sitting.save(total="3")
    answer = ask(staff, "sittings/ada/hand-in", reason="taken ill")
    assert (answer.status_code, answer.json()["handed_in_by"]) == (200, "staff")
    assert ask(staff, "sittings/ada/hand-in", reason="again").json()["code"] == "handed_in_already"
    assert sitting.save(total="4").status_code == 409
    again = ask(staff, "sittings/ada/reopen", minutes=200, reason="is well again")
    now = current_time(session)
    assert datetime.fromisoformat(again.json()["ends_at"]) - now > timedelta(minutes=199)
    assert sitting.save(total="4").status_code == 200
    assert ask(staff, "sittings/ada/reopen", minutes=5, reason="twice").json()["code"] == "sits_already"
    assert [each["reason"] for each in lines(session, "exam.handed_in_by_staff") + lines(session, "exam.reopened")] == [
        "taken ill",
        "is well again",
    ]


def test_nobody_is_handed_in_who_has_not_begun(exam: Exam, student: User, staff: TestClient) -> None:
    assert ask(staff, "sittings/ada/hand-in", reason="x").json()["code"] == "has_not_begun"


def test_what_came_too_late_counts_once_staff_say_so(
    sitting: Tab, staff: TestClient, session: Session, ends_in: Callable[[float], datetime]
) -> None:
    sitting.save(total="3")
    end = ends_in(-2)
    assert sitting.save(total="4").json()["code"] == "time_is_over"
    [missed] = staff.get(f"{ROOM}/missed").json()
    assert (missed["login"], missed["field"], missed["value"], missed["why"]) == ("ada", "question:total", "4", "ended")
    assert staff.get(f"{ROOM}/live").json()["students"][0]["needs"] == ["missed"]
    counted = ask(staff, f"missed/{missed['id']}/count", reason="the wireless was down")
    assert counted.status_code == 200, counted.text
    assert ask(staff, f"missed/{missed['id']}/count", reason="again").json()["code"] == "counted_already"
    session.expire_all()
    assert session.scalars(select(SavedAnswer.value).where(SavedAnswer.field == "question:total")).one() == "4"
    attempts = session.scalars(select(Submission).order_by(Submission.attempt)).all()
    assert len(attempts) == 2 and session.scalars(select(Sitting)).one().submission_id == attempts[-1].id
    assert attempts[-1].received_at <= end + timedelta(seconds=1)
    assert session.scalars(select(MissedSave.counted_by_id)).one() is not None
    assert lines(session, "exam.missed_counted")[0]["reason"] == "the wireless was down"


def test_what_came_too_late_is_dismissed_and_stays_to_be_read(
    sitting: Tab, staff: TestClient, session: Session, ends_in: Callable[[float], datetime]
) -> None:
    sitting.save(total="3")
    ends_in(-2)
    sitting.save(total="4")
    [missed] = staff.get(f"{ROOM}/missed").json()
    assert ask(staff, f"missed/{missed['id']}/dismiss", reason=" ").json()["code"] == "reason_missing"
    assert ask(staff, f"missed/{missed['id']}/dismiss", reason="written after the end").status_code == 200
    assert ask(staff, f"missed/{missed['id']}/dismiss", reason="x").json()["code"] == "dismissed_already"
    assert staff.get(f"{ROOM}/live").json()["students"][0]["needs"] == []
    [kept] = staff.get(f"{ROOM}/missed").json()
    assert (kept["value"], kept["dismissed_because"], kept["counted_at"]) == ("4", "written after the end", None)
    assert session.scalars(select(SavedAnswer.value)).one() == "3" and len(session.scalars(select(Submission)).all()) == 1
    about = {"student": "ada", "reason": "written after the end", "field": "question:total", "why": "ended"}
    assert lines(session, "exam.missed_dismissed")[0].items() >= about.items()
    assert ask(staff, f"missed/{missed['id']}/count", reason="the wireless was down").status_code == 200
    assert ask(staff, f"missed/{missed['id']}/dismiss", reason="x").json()["code"] == "counted_already"


def test_after_release_nothing_is_given_reopened_or_counted(
    sitting: Tab, staff: TestClient, session: Session, exam: Exam
) -> None:
    sitting.hand_in()
    exam.assignment.released_at = current_time(session)
    session.commit()
    assert ask(staff, "sittings/ada/reopen", minutes=5, reason="x").json()["code"] == "released_already"
    assert ask(staff, "grants", students=["ada"], minutes=5, reason="x").json()["code"] == "released_already"


def test_the_live_view_asks_the_database_as_often_for_many_as_for_few(
    exam: Exam, tab: Callable[..., Tab], make_member: Callable[..., User], session: Session, course: Course
) -> None:
    def count() -> tuple[int, int]:
        """Statements, and students."""
        session.expire_all()
        known = session.get_one(Exam, exam.assignment_id)
        asked: list[str] = []
        note = lambda *args: asked.append(args[2])  # noqa: E731
        event.listen(session.get_bind(), "before_cursor_execute", note)
        found = live.lines_of(session, exam=known, now=current_time(session))
        event.remove(session.get_bind(), "before_cursor_execute", note)
        return len(asked), len(found)

    sit(make_member, tab, range(2))
    few, seen = count()
    sit(make_member, tab, range(2, 12))
    assert count() == (few, seen + 10)
    assert few <= 12


def sit(make_member: Callable[..., User], tab: Callable[..., Tab], numbers: range) -> None:
    for number in numbers:
        place = tab(make_member(f"student{number}"))
        place.start()
        place.save(total=str(number))


def test_the_live_view_counts_what_is_answered_and_hides_addresses(sitting: Tab, staff: TestClient) -> None:
    sitting.save(total="3", word="  ", table=[["", "1"], ["", ""]], ticks=[], code="def double(x): return x\n")
    answer = staff.get(f"{ROOM}/live")
    [line] = answer.json()["students"]
    assert (line["answered"], line["phase"], line["is_away"], line["checks_used"]) == (3, "running", False, 0)
    assert "testclient" not in answer.text and len(line["place"]["address"]) == live.DIGEST
    assert answer.json()["counts"] | {"sitting": 1, "not_started": 0, "away": 0} == answer.json()["counts"]


def test_who_has_not_been_heard_of_is_away(sitting: Tab, staff: TestClient, session: Session) -> None:
    row = session.scalars(select(Sitting)).one()
    row.last_seen_at -= timedelta(seconds=25)
    session.commit()
    [line] = staff.get(f"{ROOM}/live").json()["students"]
    assert (line["is_away"], line["needs"]) == (True, ["away"])


def test_a_grant_is_no_help_where_it_would_be_refused(exam: Exam) -> None:
    assert TimeInUse(exam.assignment.closes_at).facts["end_without"] == exam.assignment.closes_at.isoformat()

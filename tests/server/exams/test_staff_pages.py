"""What an exam's staff see and press, without scripts."""

# ruff: noqa: F401, F811

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses import service as courses
from server.courses.models import Course, Role, Section
from server.database import current_time
from server.deadlines.pages import spelled
from server.exams.models import Exam, ExamNotice, MissedSave, Place, PlaceState, Sitting, TimeGrant
from tests.server.exams.conftest import COURSE, Tab
from tests.server.web.conftest import Visitor, visit

HERE = f"/courses/{COURSE}/exams/mixed"
Visit = Callable[..., Visitor]


@pytest.fixture
def teacher(visit: Visit, make_member: Callable[..., User]) -> Visitor:
    return visit(make_member("ines", Role.instructor))


@pytest.fixture
def sitting(exam: Exam, tab: Callable[..., Tab]) -> Tab:
    place = tab()
    place.start()
    return place


def fields(exam: Exam, **changed: object) -> dict[str, object]:
    """Of the set-up, as a browser sends them."""
    zone, set_for = ZoneInfo("Asia/Shanghai"), exam.assignment
    stood = {"opens_at": spelled(set_for.opens_at, zone), "closes_at": spelled(set_for.closes_at, zone), "minutes": exam.minutes}
    rest = {"check_limit": 20, "fair_wait_s": 20, "moderated_percent": 0, "networks": "", "version": exam.version}
    return stood | rest | changed


def test_an_earlier_window_is_shown_first_and_changed_once_it_is_confirmed(
    make_exam: Callable[..., Exam], teacher: Visitor, session: Session
) -> None:
    exam = make_exam(opens_in_s=86_400, closes_in_s=93_600)
    opens_at, was = spelled(current_time(session), ZoneInfo("Asia/Shanghai")), exam.assignment.opens_at
    asked = teacher.submit_form(f"{HERE}/setup", f"{HERE}/setup", **fields(exam, opens_at=opens_at, asks_to_move="true"))
    assert asked.status_code == 409 and "Who could start when" in asked.text and 'name="confirm"' in asked.text
    assert f'value="{opens_at}"' in asked.text
    session.expire_all()
    assert exam.assignment.opens_at == was
    sent = fields(exam, opens_at=opens_at, asks_to_move="true", confirm="true")
    assert teacher.submit_form(f"{HERE}/setup", f"{HERE}/setup", **sent).status_code == 303
    session.expire_all()
    assert exam.assignment.opens_at < was and exam.asks_to_move


def test_a_section_gets_a_window_and_gives_it_up(
    make_exam: Callable[..., Exam], teacher: Visitor, session: Session, course: Course
) -> None:
    exam = make_exam(opens_in_s=86_400, closes_in_s=93_600)
    session.add(Section(course_id=course.id, name="A1"))
    session.commit()
    zone, later = ZoneInfo("Asia/Shanghai"), exam.assignment.closes_at
    row = {"section": "A1", "section_opens": spelled(later, zone), "section_closes": spelled(later + timedelta(hours=2), zone)}
    assert teacher.submit_form(f"{HERE}/setup", f"{HERE}/setup", **fields(exam, **row)).status_code == 303
    page = teacher.get(f"{HERE}/setup").text
    assert f'name="section_opens" value="{row["section_opens"]}"' in page
    session.expire_all()
    blank = {"section": "A1", "section_opens": "", "section_closes": ""}
    back = teacher.submit_form(f"{HERE}/setup", f"{HERE}/setup", **fields(exam, **blank))
    assert back.status_code == 409 and "Section A1" in back.text
    assert teacher.submit_form(f"{HERE}/setup", f"{HERE}/setup", **fields(exam, **blank, confirm="true")).status_code == 303


def test_the_set_up_says_whether_ones_own_address_would_be_let_in(make_exam: Callable[..., Exam], teacher: Visitor) -> None:
    make_exam(opens_in_s=86_400, closes_in_s=93_600, networks=["10.0.0.0/8"])
    assert "it would be kept out" in teacher.get(f"{HERE}/setup").text


def test_a_ta_reads_the_set_up_and_changes_nothing(exam: Exam, visit: Visit, invigilator: User) -> None:
    ta = visit(invigilator)
    page = ta.get(f"{HERE}/setup")
    assert page.status_code == 200 and "Only instructors change" in page.text
    assert ta.submit_form(f"{HERE}/setup", f"{HERE}/setup", **fields(exam, minutes=5)).status_code == 403


def test_the_checklist_is_put_in_and_ticked(exam: Exam, teacher: Visitor) -> None:
    alone, part = teacher.get(f"{HERE}/setup/checklist"), teacher.get(f"{HERE}/setup/checklist", headers={"HX-Request": "true"})
    assert "<html" in alone.text and "<html" not in part.text and "nobody has said so yet" in part.text
    ticked = teacher.submit_form(f"{HERE}/setup/checklist", f"{HERE}/setup/ticks", item="backed_up", note="at noon")
    assert ticked.status_code == 303
    assert "at noon" in teacher.get(f"{HERE}/setup/checklist").text


def test_time_is_given_taken_back_and_imported(exam: Exam, student: User, teacher: Visitor, session: Session) -> None:
    form = {"recipient": "ada", "minutes": "25%", "kind": "accommodation", "reason": "dyslexia"}
    assert teacher.submit_form(f"{HERE}/time", f"{HERE}/time/grants", **form).status_code == 303
    given = session.scalars(select(TimeGrant)).one()
    assert given.seconds == exam.minutes * 15 and "dyslexia" in teacher.get(f"{HERE}/time").text
    wrong = teacher.submit_form(f"{HERE}/time", f"{HERE}/time/grants", **form | {"minutes": "soon"})
    assert wrong.status_code == 422 and 'value="soon"' in wrong.text
    back = teacher.submit_form(f"{HERE}/time", f"{HERE}/time/grants/{given.id}/take-back", reason="not this exam")
    assert back.status_code == 303
    content = b"login,minutes,reason\nada,30,plaster\n"
    seen = teacher.submit_form(f"{HERE}/time", f"{HERE}/time/accommodations", files={"file": ("l.csv", content)})
    assert seen.status_code == 200 and "plaster" in seen.text
    encoded = re.search(r'name="encoded" value="([^"]+)"', seen.text)[1]
    assert base64.b64decode(encoded) == content
    assert teacher.submit_form(f"{HERE}/time", f"{HERE}/time/accommodations", encoded=encoded).status_code == 303
    session.expire_all()
    assert session.scalars(select(TimeGrant.seconds).where(TimeGrant.reason == "plaster")).one() == 1800


def test_a_request_to_move_is_answered_from_the_live_view(
    sitting: Tab, tab: Callable[..., Tab], teacher: Visitor, session: Session
) -> None:
    tab(agent="Edge at home").enter()
    page = teacher.get(f"{HERE}/live").text
    assert "asks to move" in page and "Edge at home" in page and "testclient" not in page
    place = session.scalars(select(Place).where(Place.state == PlaceState.waiting)).one()
    table = teacher.post(
        f"{HERE}/live/places/{place.id}",
        data={"decision": "permit", "csrf_token": re.search(r'name="csrf_token" value="(\w+)"', page)[1]},
        headers={"HX-Request": "true"},
    )
    assert table.status_code == 200 and "<html" not in table.text and "Edge at home" not in table.text
    session.expire_all()
    assert place.state is PlaceState.active


def test_a_notice_stands_on_the_wall_in_both_languages_and_no_name(sitting: Tab, teacher: Visitor, session: Session) -> None:
    one = teacher.submit_form(f"{HERE}/live", f"{HERE}/live/notices", text_en="Question 3: n is 4.", text_zh="")
    assert one.status_code == 422 and "Question 3: n is 4." in one.text
    both = {"text_en": "Question 3: n is 4.", "text_zh": "第 3 题：n 为 4。"}
    assert teacher.submit_form(f"{HERE}/live", f"{HERE}/live/notices", **both).status_code == 303
    assert len(session.scalars(select(ExamNotice)).all()) == 1
    wall = teacher.get(f"{HERE}/clock-wall").text
    assert "第 3 题：n 为 4。" in wall and "data-clock-until" in wall and "ada" not in wall.lower()
    assert "<html" not in teacher.get(f"{HERE}/clock-wall/live").text


def test_the_page_of_a_student_does_what_only_staff_do(
    sitting: Tab, teacher: Visitor, session: Session, ends_in: Callable[[float], object]
) -> None:
    desk = f"{HERE}/live/students/ada"
    sitting.save(total="3")
    assert teacher.submit_form(desk, f"{desk}/grants", minutes="5", reason="pen broke").status_code == 303
    assert "pen broke" in teacher.get(desk).text
    assert teacher.submit_form(desk, f"{desk}/hand-in", reason="").status_code == 422
    assert teacher.submit_form(desk, f"{desk}/hand-in", reason="taken ill").status_code == 303
    assert teacher.submit_form(desk, f"{desk}/reopen", minutes="10", reason="well again").status_code == 303
    ends_in(-400)
    sitting.save(total="4")
    missed = session.scalars(select(MissedSave)).one()
    assert "after the time was over" in teacher.get(desk).text
    dismissed = teacher.submit_form(desk, f"{HERE}/live/missed/{missed.id}/dismiss", reason="after the end")
    assert dismissed.status_code == 303 and "Dismissed " in teacher.get(desk).text
    counted = teacher.submit_form(desk, f"{HERE}/live/missed/{missed.id}/count", reason="wireless was down")
    assert counted.status_code == 303 and "Counts since" in teacher.get(desk).text
    assert session.scalars(select(Sitting)).one() is not None


@pytest.mark.parametrize("what", ["setup", "time", "live", "live/students/ada", "clock-wall", "setup/checklist"])
def test_both_languages_have_every_page(
    sitting: Tab,
    visit: Visit,
    make_member: Callable[..., User],
    course: Course,
    session: Session,
    what: str,
) -> None:
    section = Section(course_id=course.id, name="A1")
    session.add(section)
    session.flush()
    courses.find_enrollment(
        session, course_slug=course.slug, user=session.scalars(select(Sitting)).one().student
    ).section = section
    session.commit()
    person = make_member("ines", Role.instructor)
    for language in ("en", "zh_CN"):
        assert visit(person, language=language).get(f"{HERE}/{what}").status_code == 200


def test_the_courses_page_leads_to_its_exams(exam: Exam, visit: Visit, student: User) -> None:
    assert f'href="/courses/{COURSE}/exams"' in visit(student).get(f"/courses/{COURSE}").text

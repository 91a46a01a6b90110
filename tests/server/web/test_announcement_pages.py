"""Announcements as a browser sees them: by form, without a script, in both languages."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.announcements import service
from server.announcements.models import Announcement
from server.assignments.models import Assignment
from server.courses.models import Course, Role
from server.database import current_time
from tests.server.web.conftest import Visitor

NEWS = "/courses/dl-2026/announcements"
Visit = Callable[..., Visitor]


@pytest.fixture
def tia(make_member: Callable[..., User]) -> User:
    return make_member("tia", Role.ta)


@pytest.fixture
def first(session: Session, course: Course, tia: User) -> Announcement:
    known = {"course": course, "by": tia, "now": current_time(session)}
    made = service.publish(session, **known, title="Week <2>", text="Read **this**: $x^2$. <script>")
    session.commit()
    return made


def test_news_stands_on_the_courses_page_until_it_was_read(visit: Visit, student: User, first: Announcement) -> None:
    ada = visit(student)
    page = ada.get("/courses/dl-2026").text
    assert "Week &lt;2&gt;" in page and "1 new" in page
    all_of_them = ada.get(NEWS).text
    assert "<strong>this</strong>" in all_of_them and "<math" in all_of_them and "&lt;script&gt;" in all_of_them
    assert "new</span>" in all_of_them, "on the page that reads it, it is still marked"
    assert "1 new" not in ada.get("/courses/dl-2026").text
    assert "/new" not in all_of_them and "edit" not in all_of_them


def test_staff_write_from_a_draft_and_publish(visit: Visit, tia: User, student: User, assignment: Assignment) -> None:
    staff = visit(tia)
    form = staff.get(f"{NEWS}/new?draft=date_moved&assignment=tiny&language=zh_CN").text
    assert "时间调整" in form and "{old_due}" in form and "Still to be filled in by you" in form
    sent = staff.submit_form(f"{NEWS}/new", NEWS, title="改期", text="新的截止时间", pinned="true")
    assert sent.status_code == 303
    page = visit(student, language="zh_CN").get("/courses/dl-2026").text
    assert "改期" in page and "置顶" in page


def test_without_a_script_the_preview_comes_with_the_form(visit: Visit, tia: User, course: Course) -> None:
    staff = visit(tia)
    shown = staff.submit_form(f"{NEWS}/new", f"{NEWS}/preview", title="T", text="**bold**").text
    assert "<strong>bold</strong>" in shown and "**bold**</textarea>" in shown
    assert "nothing has been announced yet" in staff.get(NEWS).text.lower()


def test_what_was_typed_survives_a_refusal(visit: Visit, tia: User, course: Course) -> None:
    refused = visit(tia).submit_form(f"{NEWS}/new", NEWS, title="Exam", text="Room 5", publish_at="soon")
    assert refused.status_code == 422
    assert "is not a time" in refused.text and "Room 5</textarea>" in refused.text and 'value="Exam"' in refused.text


def test_the_second_writer_sees_both_texts(visit: Visit, tia: User, first: Announcement) -> None:
    staff, address = visit(tia), f"{NEWS}/{first.id}"
    staff.submit_form(f"{address}/edit", address, title="A", text="theirs", version=1)
    refused = staff.submit_form(f"{address}/edit", address, title="A", text="mine", version=1)
    assert refused.status_code == 409 and "mine</textarea>" in refused.text and "<p>theirs</p>" in refused.text
    assert staff.submit_form(f"{address}/edit", address, title="A", text="mine", version=2).status_code == 303
    history = staff.get(address).text
    assert history.count("<details><summary") == 3


def test_withdrawing_asks_once_and_stands_in_the_log(visit: Visit, tia: User, student: User, first: Announcement) -> None:
    staff, address = visit(tia), f"{NEWS}/{first.id}"
    assert staff.submit_form(address, f"{address}/withdraw", version=1, reason="wrong").status_code == 303
    assert visit(student).get(address).status_code == 404
    assert "withdrew the announcement “Week &lt;2&gt;”" in staff.get("/courses/dl-2026/audit").text


def test_a_course_keeps_drafts_by_form(visit: Visit, tia: User, course: Course) -> None:
    staff = visit(tia)
    assert staff.submit_form(f"{NEWS}/drafts", f"{NEWS}/drafts", name="Lab", title="Lab", text="Bring {link}").status_code == 303
    twice = staff.submit_form(f"{NEWS}/drafts", f"{NEWS}/drafts", name="Lab", title="Other", text="kept here")
    assert twice.status_code == 409 and "kept here</textarea>" in twice.text
    assert "Bring {link}</textarea>" in staff.get(f"{NEWS}/new?draft=Lab").text

"""The settings for honest work at a browser."""

from collections.abc import Callable

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.models import Asking, Course, Role

PAGE = "/courses/dl-2026/integrity"
FIELDS = {
    "asks_sources": "required",
    "honour_en": "Be **honest**.",
    "honour_zh": "",
    "second_eyes": "true",
    "cases_kept_days": 30,
}
Visit = Callable[..., TestClient]


def test_an_instructor_changes_it_and_reads_what_students_read(
    visit: Visit, make_member: Callable[..., User], course: Course, session: Session
) -> None:
    ina = visit(make_member("ina", Role.instructor))
    assert ina.submit_form(PAGE, PAGE, **FIELDS).headers["location"] == PAGE
    session.expire_all()
    assert (course.asks_sources, course.tells_students, course.second_eyes) == (Asking.required, False, True)
    assert (course.honour_zh, course.cases_kept_days) == (None, 30)
    assert "Be <strong>honest</strong>." in ina.get(PAGE).text
    assert "cases_kept_days" in ina.get("/courses/dl-2026/audit").text


def test_a_refusal_keeps_what_was_typed(visit: Visit, make_member: Callable[..., User], course: Course, session: Session) -> None:
    ina = visit(make_member("ina", Role.instructor))
    answer = ina.submit_form(PAGE, PAGE, **FIELDS | {"cases_kept_days": 0})
    assert answer.status_code == 422 and "1 to 3650 days" in answer.text and "Be **honest**." in answer.text
    session.expire_all()
    assert course.asks_sources is Asking.asked


def test_a_teaching_assistant_reads_it(visit: Visit, make_member: Callable[..., User]) -> None:
    tia = visit(make_member("tia", Role.ta), language="zh")
    html = tia.get(PAGE).text
    assert "主讲教师可以更改" in html and "disabled" in html and "抽签决定" in html

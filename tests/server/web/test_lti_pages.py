"""A course's page of learning platforms."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.models import Course, Role
from server.lti.models import LearningPlatform

Visit = Callable[..., TestClient]
PAGE = "/courses/dl-2026/lti"
MOODLE = {
    "name": "Moodle <b>", "issuer": "https://moodle.example.edu", "client_id": "c1", "deployments": "1, 2",
    "auth_url": "https://moodle.example.edu/auth", "token_url": "https://moodle.example.edu/token",
    "jwks_url": "https://moodle.example.edu/jwks",
}  # fmt: skip


@pytest.fixture
def zhou(make_member: Callable[..., User]) -> User:
    return make_member("zhou", Role.instructor)


@pytest.mark.parametrize(("language", "words"), [("en", "No link leads here yet"), ("zh_CN", "还没有指向本课程的链接")])
def test_the_page_says_what_to_copy_and_what_to_do(visit: Visit, zhou: User, language: str, words: str) -> None:
    page = visit(zhou, language=language).get(PAGE).text
    assert words in page
    assert all(f"http://gradus.test/lti/{name}" in page for name in ("login", "launch", "jwks"))


def test_an_instructor_registers_and_is_told_to_wait(visit: Visit, zhou: User, session: Session) -> None:
    visitor = visit(zhou)
    assert visitor.submit_form(PAGE, PAGE, **MOODLE).status_code == 303
    platform = session.scalars(select(LearningPlatform)).one()
    assert (platform.approved_at, platform.deployments) == (None, ["1", "2"])
    page = visitor.get(PAGE).text
    assert "waits for the operator" in page and f"gradus lti approve {platform.id}" in page and "Moodle &lt;b&gt;" in page
    assert "registered the learning platform" in visitor.get("/courses/dl-2026/audit").text
    assert visitor.submit_form(PAGE, f"{PAGE}/platforms/{platform.id}/remove").status_code == 303
    assert "No platform yet" in visitor.get(PAGE).text


@pytest.mark.parametrize(
    ("field", "value"),
    [("jwks_url", "http://moodle.example.edu/"), ("auth_url", "javascript:alert(1)"), ("deployments", " , "), ("client_id", " ")],
)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(visit: Visit, zhou: User, field: str, value: str) -> None:
    answer = visit(zhou).submit_form(PAGE, PAGE, **{**MOODLE, field: value})
    assert answer.status_code == 422
    assert f'id="{field}" name="{field}"' in answer.text and 'aria-invalid="true"' in answer.text
    assert "Moodle &lt;b&gt;" in answer.text and 'value="https://moodle.example.edu/token"' in answer.text


def test_a_course_sees_no_platform_of_another(
    visit: Visit, zhou: User, make_member: Callable[..., User], make_course: Callable[..., Course], session: Session
) -> None:
    eve = make_member("eve", Role.instructor, of=make_course("cv-2026"))
    visit(zhou).submit_form(PAGE, PAGE, **MOODLE)
    platform = session.scalars(select(LearningPlatform)).one()
    other = visit(eve)
    page = other.get("/courses/cv-2026/lti").text
    assert "No platform yet" in page and "moodle.example.edu" not in page
    assert other.submit_form("/courses/cv-2026/lti", f"/courses/cv-2026/lti/platforms/{platform.id}/remove").status_code == 404


def test_a_ta_looks_and_registers_nothing(visit: Visit, make_member: Callable[..., User], zhou: User) -> None:
    page = visit(make_member("sara", Role.ta)).get(PAGE).text
    assert "Learning platform" in page and "Register a platform" not in page

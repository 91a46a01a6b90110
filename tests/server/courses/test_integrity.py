"""What a course has settled: read by staff, changed by instructors, written down with before and after."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import list_lines
from server.courses.models import Course, Role

PATH = "/api/v1/courses/dl-2026/integrity"
As = Callable[[User], TestClient]


@pytest.fixture
def ina(client_as: As, make_member: Callable[..., User]) -> TestClient:
    return client_as(make_member("ina", Role.instructor))


def test_only_what_is_sent_changes_and_the_log_keeps_before_and_after(ina: TestClient, session: Session, course: Course) -> None:
    before = ina.get(PATH).json()
    after = ina.patch(PATH, json={"asks_sources": "required", "honour_en": " Be **honest**.\r\n"}).json()
    assert after == before | {"asks_sources": "required", "honour_en": "Be **honest**."}
    ina.patch(PATH, json={"asks_sources": "required"})  # nothing changes, nothing is written
    (line,) = list_lines(session, course=course)
    assert (line.action, line.actor.login) == ("course.integrity", "ina")
    assert line.subject == {
        "before": {"asks_sources": "asked", "honour_en": None},
        "now": {"asks_sources": "required", "honour_en": "Be **honest**."},
    }


@pytest.mark.parametrize(
    "wanted",
    [{"cases_kept_days": 0}, {"cases_kept_days": 10**9}, {"asks_sources": "maybe"}, {"honour_zh": "长" * 5001}, {"unknown": 1}],
)
def test_what_cannot_be_is_refused(ina: TestClient, wanted: dict) -> None:
    before = ina.get(PATH).json()
    assert ina.patch(PATH, json=wanted).status_code == 422
    assert ina.get(PATH).json() == before


def test_a_teaching_assistant_reads_it_and_cannot_change_it(client_as: As, make_member: Callable[..., User]) -> None:
    tia = client_as(make_member("tia", Role.ta))
    assert tia.get(PATH).status_code == 200
    answer = tia.patch(PATH, json={"second_eyes": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "instructors_only")

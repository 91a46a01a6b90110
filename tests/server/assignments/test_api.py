"""What the API tells of an assignment, and when."""

from collections.abc import Callable
from datetime import timedelta

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.database import current_time

As = Callable[[User], TestClient]
PATH = "/api/v1/courses/dl-2026/assignments"


def test_before_it_opens_students_learn_title_and_dates_and_staff_everything(
    client_as: As, student: User, make_member: Callable[..., User], make_assignment: Callable[..., Assignment], session: Session
) -> None:
    now = current_time(session)
    dates = {"opens_at": now + timedelta(days=1), "due_at": now + timedelta(days=2), "closes_at": now + timedelta(days=3)}
    make_assignment(**dates)
    (announced,) = client_as(student).get(PATH).json()
    assert (announced["title"]["en"], announced["summary"], announced["parts"]) == ("Doubling", None, [])
    assert announced["opens_at"] > now.isoformat()
    (whole,) = client_as(make_member("ta", Role.ta)).get(PATH).json()
    assert whole["summary"]["en"] and [part["points"] for part in whole["parts"]] == [100]
    assert set(whole) == set(announced)


def test_once_it_is_open_students_learn_the_same_as_staff(
    client_as: As, student: User, make_member: Callable[..., User], assignment: Assignment
) -> None:
    assert client_as(student).get(PATH).json() == client_as(make_member("ta", Role.ta)).get(PATH).json()
    assert client_as(student).get(f"{PATH}/tiny").json()["parts"]

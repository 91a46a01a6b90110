"""An assignment of which a part is marked by people, with students who have handed in and staff who mark."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.courses.models import Role
from server.marking import queries, service
from server.marking.models import MarkedQuestion
from server.marking.service import Marking
from server.models import Submission
from server.settings import Settings
from tests.server.web.conftest import visit  # noqa: F401  (somebody at a browser)

STAFF = ("tia", "tom")


@pytest.fixture
def reviewed(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug="reviewed")


@pytest.fixture
def staff(make_member: Callable[..., User]) -> dict[str, User]:
    return {login: make_member(login, Role.ta) for login in STAFF} | {"ines": make_member("ines", Role.instructor)}


@pytest.fixture
def students(make_member: Callable[..., User]) -> dict[str, User]:
    return {login: make_member(login) for login in ("ada", "bob", "cleo")}


@pytest.fixture
def works(
    reviewed: Assignment, students: dict[str, User], hand_in: Callable[..., Submission], grade: Callable[..., object]
) -> dict[str, Submission]:
    """By login; the judge gave 60 of 60, 40 and 20."""
    found = {}
    for (login, person), score in zip(students.items(), (60, 40, 20), strict=True):
        found[login] = hand_in(reviewed, person, f"# {login}\ndef double(x):\n    return 2 * x\n")
        grade(found[login], score, max_score=60)
    return found


@pytest.fixture
def marking(session: Session, reviewed: Assignment, settings: Settings) -> Marking:
    found = service.open_marking(session, assignment=reviewed, manifest=manifest_of(reviewed, root=settings.assignments))
    session.commit()
    return found


@pytest.fixture
def style(marking: Marking) -> MarkedQuestion:
    """A review of 20 points whose items take."""
    return marking.get("style")


@pytest.fixture
def mark_all(session: Session, marking: Marking) -> Callable[..., None]:
    """Full marks for every question, or what `items` of the style take."""

    def mark_all(submission: Submission, marker: User, *, style: tuple[int, ...] = ()) -> None:
        for question in marking.questions:
            before = queries.find_newest(session, submission=submission, question=question)
            taken = [question.items[each].id for each in style] if question.name == "style" else []
            more = 0 if question.name == "style" else question.points
            new = service.NewMark(before.number if before else 0, taken, more, "all of it", "read")
            service.give(session, submission=submission, question=question, marker=marker, new=new)
        session.commit()

    return mark_all

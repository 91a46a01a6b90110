"""What a student is told of what people set by hand, when; and what the staff write to one who is warned."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Language, User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.courses.models import Course
from server.gradebook import service
from server.gradebook.models import ContactState, MarkKind
from server.gradebook.refusals import TextTooLong, TextWithoutWriting
from server.gradebook.scheme import Scheme
from server.messages.models import PersonalMessage
from tests.server.gradebook.conftest import PATH
from tests.server.gradebook.test_service import shown, with_project

As = Callable[[User], TestClient]
SetUp = Callable[..., Scheme]
PAGE = "/courses/dl-2026/gradebook"


@pytest.fixture
def told(session: Session) -> Callable[[], list[tuple[str, str]]]:
    """Whose message of which kind, oldest first."""

    def told() -> list[tuple[str, str]]:
        session.expire_all()
        return [(each.user.login, each.kind) for each in session.scalars(select(PersonalMessage).order_by(PersonalMessage.id))]

    return told


@pytest.fixture
def by_hand(session: Session, course: Course, ines: User) -> dict[str, object]:
    return {"session": session, "course": course, "by": ines}


def test_a_mark_and_a_final_grade_are_told_with_their_reason(
    client_as: As, set_up: SetUp, students: dict[str, User], by_hand: dict, session: Session
) -> None:
    set_up(with_project)
    service.mark(**by_hand, login="ada", key="manual-1", kind=MarkKind.points, points=Decimal("15.5"), reason="the talk")
    service.mark(**by_hand, login="ada", key="tiny", kind=MarkKind.excused, points=None, reason="in hospital")
    service.mark(**by_hand, login="ada", key="tiny", kind=MarkKind.cleared, points=None, reason="an error")
    service.override(**by_hand, login="ada", grade=Decimal(88), reason="board of examiners")
    service.override(**by_hand, login="ada", grade=None, reason="appeal")
    session.commit()
    ada = client_as(students["ada"])
    words = [(each["title"]["en"], each["sentence"]["en"]) for each in reversed(ada.get("/api/v1/messages").json())]
    assert words == [
        ("Your points for “Final project” were set by hand", "Ines has set 15.5 of 20: the talk"),
        ("“Doubling” is left out of your grade", "Ines has excused you: in hospital"),
        ("“Doubling” counts as it is by itself again", "Ines has taken back what was set by hand: an error"),
        ("Your final grade was set by hand", "Ines has set it to 88 of 100: board of examiners"),
        ("Your grade is reckoned from its columns again", "Ines has taken back what was set by hand: appeal"),
    ]
    link = ada.get("/api/v1/messages").json()[-1]["link"]
    assert link == f"{PAGE}#column-manual-1" and 'id="column-manual-1"' in ada.get(link).text
    assert client_as(students["bob"]).get("/api/v1/messages").json() == []


def test_what_stands_is_told_once_grades_are_shown_and_never_twice(
    set_up: SetUp, students: dict[str, User], by_hand: dict, told: Callable
) -> None:
    hidden = lambda scheme: replace(scheme, is_shown=False)  # noqa: E731
    set_up(lambda scheme: hidden(with_project(scheme)))
    for points in (10, 12):
        service.mark(**by_hand, login="ada", key="manual-1", kind=MarkKind.points, points=Decimal(points), reason="x")
    service.mark(**by_hand, login="bob", key="manual-1", kind=MarkKind.excused, points=None, reason="x")
    service.mark(**by_hand, login="bob", key="manual-1", kind=MarkKind.cleared, points=None, reason="x")
    service.mark(**by_hand, login="ada", key="attendance", kind=MarkKind.excused, points=None, reason="counts nothing")
    service.override(**by_hand, login="cleo", grade=Decimal(60), reason="x")
    assert told() == []
    set_up(shown)
    assert told() == [("ada", "mark_set"), ("cleo", "grade_set")], "the newest of each, as far as it stands"
    set_up(hidden)
    set_up(shown)
    assert len(told()) == 2


def test_an_assignment_that_only_staff_know_of_is_not_told(
    set_up: SetUp, students: dict[str, User], by_hand: dict, told: Callable, assignment: Assignment, session: Session
) -> None:
    set_up(shown)
    session.get_one(Assignment, assignment.id).visible = False
    session.commit()
    service.mark(**by_hand, login="ada", key="tiny", kind=MarkKind.points, points=Decimal(1), reason="x")
    assert told() == []


def test_written_sends_what_the_staff_wrote(
    client_as: As, set_up: SetUp, students: dict[str, User], ines: User, told: Callable, session: Session, course: Course
) -> None:
    set_up()
    staff, text = client_as(ines), "You were not there.\nCome on Friday?"
    path = f"{PATH}/warnings/ada"
    assert staff.put(path, json={"state": "answered", "text": text}).json()["code"] == "text_without_writing"
    found = staff.put(path, json={"state": "written", "note": "second week", "text": text, "seen": 0}).json()
    assert (found["state"], found["text"]) == ("written", text)
    (message,) = client_as(students["ada"]).get("/api/v1/messages").json()
    assert (message["title"]["en"], message["sentence"]["zh"]) == ("Ines writes to you", text)
    assert "second week" not in str(message), "the note is for staff"
    staff.put(path, json={"state": "written", "note": "no answer yet"})
    assert told() == [("ada", "early_warning")], "a note alone sends nothing more"
    assert list_lines(session, course=course)[1].subject["text"] == text
    staff.put(f"{PATH}/warnings/bob", json={"state": "written"})
    assert "Tell them what would help" in client_as(students["bob"]).get("/messages").text, "our own words, where there are none"


def test_too_long_a_text_is_refused_whole(set_up: SetUp, students: dict[str, User], by_hand: dict, told: Callable) -> None:
    set_up()
    with pytest.raises(TextTooLong):
        service.contact(**by_hand, login="ada", state=ContactState.written, note="", text="x" * 2001)
    with pytest.raises(TextWithoutWriting):
        service.contact(**by_hand, login="ada", state=ContactState.open, note="", text="x")
    assert told() == []


def test_the_page_shows_what_the_student_will_read_before_it_is_sent(
    client_as: As, set_up: SetUp, assignment: Assignment, students: dict[str, User], ines: User, told: Callable,
    session: Session, close: Callable[[Assignment], None],
) -> None:  # fmt: skip
    students["ada"].language = Language.zh
    set_up(with_project)
    silent_for_a_month(session, assignment)
    staff, path = client_as(ines), f"{PAGE}/warnings/ada"
    typed = {"state": "written", "text": "Come on Friday?", "note": "n1", "seen": "0"}
    looked = staff.post(path, data=typed | {"only_look": "true"})
    assert "Ines 给你写了消息" in looked.text and 'lang="zh-CN"' in looked.text
    assert looked.text.count("Come on Friday?") == 2 and "Send it" in looked.text and 'value="n1"' in looked.text
    assert told() == []
    assert staff.post(path, data=typed, follow_redirects=False).status_code == 303
    assert told() == [("ada", "early_warning")]
    assert "Come on Friday?" in staff.get(f"{PAGE}/warnings").text
    late = staff.post(path, data=typed)
    assert late.status_code == 409 and late.text.count("Come on Friday?") == 2, "what was typed stands beside what was sent"


def silent_for_a_month(session: Session, assignment: Assignment) -> None:
    """Work is open, and nobody has come: everybody is warned."""
    session.get_one(Assignment, assignment.id).opens_at -= timedelta(days=30)
    session.commit()

"""One's messages in a browser without scripts: counted on top until they are read."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.app import create_app
from server.courses.models import Course
from server.messages import service
from server.messages.queries import PAGE
from server.settings import Settings
from tests.server.web.conftest import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def tell(session: Session, course: Course, student: User) -> Callable[..., int]:
    def tell(**fields: object) -> int:
        known = {"kind": "regrade_answered", "link": "/courses/dl-2026", "assignment": "tiny"}
        message = service.notify(session, to=student, course=course, **(known | fields))
        session.commit()
        return message.id

    return tell


def test_messages_are_counted_on_every_page_until_they_are_read(visit: Visit, student: User, tell: Callable[..., int]) -> None:
    ada = visit(student)
    assert 'class="unread"' not in ada.get("/").text
    first, second = tell(), tell(kind="scores_published")
    assert "2 new messages" in ada.get("/").text
    page = ada.get("/messages").text
    assert page.index(f'id="message-{second}"') < page.index(f'id="message-{first}"')
    assert page.count("new</span>") == 2 and 'href="/courses/dl-2026"' in page and 'class="unread"' not in page
    assert "new</span>" not in ada.get("/messages").text and 'class="unread"' not in ada.get("/").text


def test_an_empty_page_says_what_will_stand_there(visit: Visit, student: User) -> None:
    assert "暂无消息" in visit(student, language="zh_CN").get("/messages").text


def test_older_ones_stand_on_the_next_page(visit: Visit, student: User, tell: Callable[..., int]) -> None:
    ids = [tell() for _ in range(PAGE + 1)]
    ada = visit(student)
    first = ada.get("/messages").text
    assert f"/messages?before={ids[1]}" in first and f'id="message-{ids[0]}"' not in first
    assert "1 new message" in first, "what was not shown is not read"
    assert f'id="message-{ids[0]}"' in ada.get(f"/messages?before={ids[1]}").text


def test_e_mails_are_switched_off_and_on_again(
    visit: Visit, student: User, session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = visit(student)
    assert "sends no e-mail" in ada.get("/messages").text
    app = create_app(settings.model_copy(update={"smtp_host": "127.0.0.1", "smtp_from": "gradus@gradus.test"}))
    monkeypatch.setattr(ada, "app", app)
    monkeypatch.setattr(ada._transport, "app", app)
    assert "no e-mail address of yours" in ada.get("/messages").text
    student.email = "ada@example.edu"
    session.commit()
    assert "They also go to ada@example.edu." in ada.get("/messages").text
    assert ada.submit_form("/messages", "/messages/mail", wanted="false").status_code == 303
    assert "switched that off" in ada.get("/messages").text
    session.refresh(student)
    assert student.wants_mail is False

"""One person is told, in words of their language, on their page and by one e-mail at most."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Language, User
from server.assignments.models import Assignment
from server.channels.models import Sending
from server.courses.models import Course, Role
from server.database import current_time
from server.messages import rules, service, tasks
from server.messages.models import Kind, PersonalMessage
from server.messages.views import letter_of, words_of
from server.outbox import Message
from server.settings import Settings
from server.web.i18n import LANGUAGES
from tests.server.messages.conftest import Mailbox

BY_HAND = {"by": "Ines", "reason": "x", "mark": 1, "what": "excused", "override": 1}
MOMENTS = {"until": datetime(2026, 3, 22, 15, 59, tzinfo=UTC), "due_at": datetime(2026, 3, 22, tzinfo=UTC)}
WINDOWS = dict.fromkeys(("opens_at", "closes_at", "was_opens_at", "was_closes_at"), datetime(2026, 3, 22, tzinfo=UTC))
FACTS = BY_HAND | MOMENTS | WINDOWS | {"assignment": "tiny"}
INBOX = "/api/v1/messages"


@pytest.fixture
def tell(session: Session, course: Course, student: User) -> Callable[..., PersonalMessage]:
    """The student, of something that kind of message needs."""

    def tell(kind: Kind = Kind.regrade_answered, **fields: object) -> PersonalMessage:
        needed = {name: FACTS[name] for name in rules.FACTS[kind][0]}
        known = {"to": student, "course": course, "link": "/courses/dl-2026", **needed}
        message = service.notify(session, kind=kind, **(known | fields))
        session.commit()
        return message

    return tell


def work(monkeypatch: pytest.MonkeyPatch, settings: Settings, session: Session) -> None:
    """What a worker does with all that waits in the outbox, each message twice."""
    monkeypatch.setattr(tasks, "get_settings", lambda: settings)
    waiting = [each.arguments for each in session.scalars(select(Message).where(Message.task == tasks.SEND_MAIL))]
    session.commit()
    for arguments in [*waiting, *waiting]:
        tasks.mail_message(*arguments)
    session.expire_all()


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_says_what_happened_in_each_language(
    tell: Callable[..., PersonalMessage], settings: Settings, session: Session, kind: Kind, language: str
) -> None:
    words = words_of(tell(kind), language=language, root=settings.assignments, now=current_time(session))
    assert words.title and words.sentence and "<" not in words.title + words.sentence
    assert any("一" <= sign <= "鿿" for sign in words.sentence) is (language == "zh_CN")
    title = {"en": "Doubling", "zh_CN": "加倍"}[language]
    assert (title in words.title + words.sentence) is ("assignment" in rules.FACTS[kind][0])


def test_times_are_the_courses(tell: Callable[..., PersonalMessage], settings: Settings, session: Session) -> None:
    words = words_of(tell(Kind.case_told), language="en", root=settings.assignments, now=FACTS["until"])
    assert words.sentence == "Read what they ask, and answer until Sun 22 Mar 23:59."


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("nonsense", {}),
        ("case_told", {"until": None}),
        ("case_told", {"evidence": "31 features"}),
        ("regrade_answered", {"link": "https://elsewhere.test"}),
        ("regrade_answered", {"link": "//elsewhere.test"}),
    ],
)
def test_what_the_words_do_not_know_is_a_callers_mistake(
    session: Session, course: Course, student: User, kind: str, fields: dict[str, object]
) -> None:
    known = {"case_told": {"until": FACTS["until"]}, "regrade_answered": {"assignment": "tiny"}}.get(kind, {})
    with pytest.raises(ValueError):
        service.notify(session, **({"to": student, "kind": kind, "link": "/x", "course": course} | known | fields))


def test_an_assignment_whose_folder_is_gone_is_called_by_its_slug(
    tell: Callable[..., PersonalMessage], settings: Settings, session: Session
) -> None:
    words = words_of(
        tell(Kind.scores_published, assignment="gone"), language="en", root=settings.assignments, now=current_time(session)
    )
    assert "“gone”" in words.title


def test_each_reads_only_their_own(
    tell: Callable[..., PersonalMessage], client_as: Callable[[User], TestClient], student: User,
    make_member: Callable[..., User],
) -> None:  # fmt: skip
    mine = tell()
    eve = client_as(make_member("eve"))
    assert eve.get(INBOX).json() == []
    assert eve.post(f"{INBOX}/read", json={"ids": [mine.id]}).status_code == 204
    (shown,) = client_as(student).get(INBOX).json()
    assert (shown["kind"], shown["read_at"], shown["course"]) == ("regrade_answered", None, "dl-2026")
    assert shown["title"] == {"en": "Your regrade request is answered", "zh": "你的复核申请有了答复"}
    client_as(student).post(f"{INBOX}/read", json={"ids": [mine.id]})
    assert client_as(student).get(INBOX).json()[0]["read_at"] is not None
    assert client_as(student).put(f"{INBOX}/mail", json={"wanted": False}).json() == {"wanted": False}


def test_one_e_mail_follows_whatever_is_delivered_twice(
    tell: Callable[..., PersonalMessage], student: User, session: Session, monkeypatch: pytest.MonkeyPatch, mailing: Settings,
    mailbox: tuple[Mailbox, int],
) -> None:  # fmt: skip
    student.email, student.language = "ada@example.edu", Language.zh
    message = tell(Kind.case_told, link="/courses/dl-2026/cases/1")
    work(monkeypatch, mailing, session)
    (letter,) = mailbox[0].letters
    assert (letter["to"], letter["subject"]) == ("ada@example.edu", "深度学习 · 教学团队对你提交的作业有疑问")
    text = letter.get_content()
    assert "3月22日" in text and "https://gradus.test/courses/dl-2026/cases/1" in text and "https://gradus.test/messages" in text
    assert session.get_one(PersonalMessage, message.id).mail is Sending.sent


def test_nobody_is_written_to_who_does_not_want_it_or_has_read_it(
    tell: Callable[..., PersonalMessage], student: User, session: Session, monkeypatch: pytest.MonkeyPatch, mailing: Settings,
    mailbox: tuple[Mailbox, int],
) -> None:  # fmt: skip
    assert tell().mail is None, "no address"
    student.email = "ada@example.edu"
    read = tell()
    service.mark_read(session, user=student, shown=[read.id], now=current_time(session))
    late = tell()
    service.want_mail(session, user=student, wanted=False)
    assert tell().mail is None
    work(monkeypatch, mailing, session)
    assert mailbox[0].letters == []
    assert {session.get_one(PersonalMessage, each.id).mail for each in (read, late)} == {Sending.cancelled}


def test_a_busy_mail_server_is_asked_again_later(
    tell: Callable[..., PersonalMessage], student: User, session: Session, monkeypatch: pytest.MonkeyPatch, mailing: Settings,
    mailbox: tuple[Mailbox, int],
) -> None:  # fmt: skip
    student.email = "ada@example.edu"
    message = tell()
    mailbox[0].answer = "451 later"
    work(monkeypatch, mailing, session)
    waiting = session.get_one(PersonalMessage, message.id)
    assert (waiting.mail, waiting.mail_tries) == (Sending.waiting, 1) and waiting.mail_due_at > waiting.mail_started_at
    assert service.sweep_mail(session, now=waiting.mail_started_at) == 0
    assert service.sweep_mail(session, now=waiting.mail_due_at + timedelta(seconds=1)) == 1


def test_an_e_mail_that_was_lost_on_the_way_is_not_sent_twice(
    tell: Callable[..., PersonalMessage], student: User, session: Session
) -> None:
    student.email = "ada@example.edu"
    message, now = tell(), current_time(session)
    assert service.claim_mail(session, message_id=message.id, now=now) is not None
    assert service.claim_mail(session, message_id=message.id, now=now) is None
    assert service.sweep_mail(session, now=now + 2 * service.LOST_AFTER) == 0
    session.expire_all()
    assert session.get_one(PersonalMessage, message.id).mail is Sending.unclear


def test_without_a_mail_server_the_message_stands_on_the_page_alone(
    tell: Callable[..., PersonalMessage], student: User, session: Session, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    student.email = "ada@example.edu"
    message = tell()
    work(monkeypatch, settings, session)
    assert session.get_one(PersonalMessage, message.id).mail is Sending.cancelled
    assert "https://" not in letter_of(message, settings=settings).text


def test_more_time_for_one_student_is_told_to_that_student(
    assignment: Assignment, student: User, session: Session, client_as: Callable[[User], TestClient],
    make_member: Callable[..., User],
) -> None:  # fmt: skip
    teacher = client_as(make_member("boss", Role.instructor))
    due = assignment.due_at + timedelta(days=2)
    given = teacher.post(
        "/api/v1/courses/dl-2026/assignments/tiny/dates/extensions", json={"recipient": "ada", "reason": "ill", "plus_hours": 48}
    )
    assert given.status_code == 201
    (told,) = session.scalars(select(PersonalMessage))
    assert (told.user_id, told.kind, told.facts) == (student.id, "date_moved", {"assignment": "tiny", "due_at": due.isoformat()})

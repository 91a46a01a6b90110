"""Somebody, or something, is away for minutes: a student's network, the heart that closes sittings, what the broker held."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import redis
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.exams import handing_in
from server.exams.models import Exam, HandedInBy, Missed, MissedSave, SavedAnswer, Sitting, TimeGrant
from server.grading import service as grading
from server.grading.dispatch import hand_over
from server.models import Job, Queue, Submission
from server.outbox import relay
from server.settings import Settings
from tests.server.exams.conftest import ROOM, Tab

Tabs = Callable[..., Tab]
CODE = "def double(x):\n    return 2 * x\n"
TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def staff(client_as: Callable[[User], TestClient], invigilator: User) -> TestClient:
    return client_as(invigilator)


@pytest.fixture
def nobody_asks(session: Session) -> Callable[[timedelta], None]:
    """As if so much time had passed since the last request: everything that was noted then lies further back."""

    def nobody_asks(by: timedelta) -> None:
        moved = {name: getattr(Sitting, name) - by for name in ("started_at", "last_seen_at", "last_saved_at")}
        session.execute(update(Sitting).values(moved))
        session.execute(update(SavedAnswer).values(saved_at=SavedAnswer.saved_at - by))
        session.commit()

    return nobody_asks


def line_of(staff: TestClient, student: User) -> dict[str, object]:
    return next(each for each in staff.get(f"{ROOM}/live").json()["students"] if each["login"] == student.login)


def values(session: Session) -> dict[str, object]:
    session.expire_all()
    return {each.field: each.value for each in session.scalars(select(SavedAnswer))}


def test_ten_minutes_without_a_network_and_everything_that_was_typed_arrives(
    exam: Exam, tab: Tabs, session: Session, student: User, staff: TestClient, nobody_asks: Callable[[timedelta], None]
) -> None:
    mine = tab()
    mine.start()
    mine.save(essay="before", word="odd", code=CODE)
    assert line_of(staff, student)["is_away"] is False
    nobody_asks(TEN_MINUTES)
    assert line_of(staff, student)["is_away"] is True
    typed = {"essay": "before, and during", "word": "even", "total": "3", "code": CODE + "# more\n"}
    answer = mine.save(**typed, flags=["question:essay"])  # upon the versions of ten minutes ago
    assert (answer.status_code, answer.json()["conflicts"]) == (200, {})
    assert values(session) == {
        "question:essay": typed["essay"], "question:word": "even", "question:total": "3", "file:solution.py": typed["code"],
    }  # fmt: skip
    assert line_of(staff, student)["is_away"] is False
    assert session.scalars(select(MissedSave)).all() == []
    assert session.scalars(select(TimeGrant)).all() == [], "a network of one's own is no outage of the platform's"
    assert mine.get("clock").json()["is_over"] is False


def test_a_network_that_comes_back_after_the_end_brings_what_staff_may_let_count(
    exam: Exam, tab: Tabs, session: Session, student: User, staff: TestClient, nobody_asks: Callable[[timedelta], None]
) -> None:
    mine = tab()
    mine.start()
    mine.save(essay="before")
    nobody_asks(timedelta(minutes=55))
    nobody_asks(TEN_MINUTES)
    answer = mine.save(essay="before, and during", word="even")
    assert (answer.json()["code"], answer.json()["missed"]) == ("time_is_over", 2)
    assert values(session) == {"question:essay": "before"}
    for each in session.scalars(select(MissedSave)).all():
        assert staff.post(f"{ROOM}/missed/{each.id}/count", json={"reason": "the network"}).status_code == 200
    assert values(session) == {"question:essay": "before, and during", "question:word": "even"}


def test_a_heart_that_stood_still_and_a_broker_that_forgot_lose_nothing(
    exam: Exam, tab: Tabs, session: Session, settings: Settings, ends_in: Callable[[float], datetime]
) -> None:
    mine = tab()
    mine.start()
    mine.save(code=CODE, total="3")
    assert mine.post("checks").status_code == 202
    broker = redis.Redis.from_url(settings.redis_url)
    while relay(hand_over):
        pass
    broker.flushdb()
    end = ends_in(-90)  # and nobody has closed it
    session.expire_all()
    assert session.scalars(select(Sitting)).one().handed_in_at is None
    late = mine.save(total="4", essay="late")
    assert (late.json()["code"], late.json()["missed"]) == ("time_is_over", 2)
    session.expire_all()
    sitting = session.scalars(select(Sitting)).one()
    assert (sitting.handed_in_at, sitting.handed_in_by) == (end, HandedInBy.clock)
    assert handing_in.close_overdue(settings=settings) == 0, "once is enough"
    assert values(session) == {"file:solution.py": CODE, "question:total": "3"}
    assert [(each.value, each.why) for each in session.scalars(select(MissedSave).order_by(MissedSave.field))] == [
        ("late", Missed.ended),
        ("4", Missed.ended),
    ]
    broker.flushdb()
    sent = grading.send_again(session, queue=Queue.exam, older_than_s=0, in_broker=broker.llen(Queue.exam.value))
    session.commit()
    waiting = session.scalars(select(Job).join(Submission, Job.submission_id == Submission.id)).all()
    assert sent == len(waiting) >= 1, "what waits in the tables is sent to the broker anew"
    counts = session.get(Submission, sitting.submission_id)
    assert counts.id in {each.submission_id for each in waiting}

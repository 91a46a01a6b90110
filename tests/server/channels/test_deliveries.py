"""Once through each channel, whatever is delivered twice, killed or withdrawn; and no key in what anybody reads."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.announcements import service as announcements
from server.assignments.models import Assignment
from server.channels import rules, service, tasks
from server.channels.models import Channel, Delivery, Kind, Occasion, Sending
from server.channels.sealing import unseal
from server.courses.models import Course, Section
from server.database import current_time
from server.deadlines.queries import dates_of
from server.deadlines.service import move_dates
from server.outbox import Message
from server.settings import Settings
from tests.server.channels.conftest import KEYS, Bot

CHANNELS = "/api/v1/courses/dl-2026/channels"


@pytest.fixture
def announce(session: Session, course: Course, boss: User) -> Callable[..., object]:
    def announce(**fields: object) -> object:
        now = current_time(session)
        made = announcements.publish(session, **({"course": course, "by": boss, "title": "T", "text": "x", "now": now} | fields))
        session.commit()
        return made

    return announce


def deliveries(session: Session) -> list[Delivery]:
    session.expire_all()
    return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def work(monkeypatch: pytest.MonkeyPatch, settings: Settings, session: Session) -> None:
    """What a worker does with all that waits in the outbox, each message twice."""
    monkeypatch.setattr(tasks, "get_settings", lambda: settings)
    waiting = session.scalars(select(Message).where(Message.task == tasks.SEND_DELIVERY)).all()
    session.commit()
    for message in [*waiting, *waiting]:
        tasks.send_delivery(*message.arguments)


def test_a_message_delivered_twice_is_sent_once(
    connect: Callable[..., Channel], announce: Callable[..., object], bot: Bot, open_settings: Settings, session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    connect(address=f"{bot.url}/hook")
    announce(text="See [it](/courses/dl-2026).")
    work(monkeypatch, open_settings, session)
    ((_, said),) = bot.heard
    assert said["text"] == "See [it](https://gradus.test/courses/dl-2026)." and "/announcements/" in said["link"]
    assert [each.state for each in deliveries(session)] == [Sending.sent]


def test_a_known_failure_waits_and_an_unclear_one_waits_for_a_person(
    connect: Callable[..., Channel], announce: Callable[..., object], bot: Bot, open_settings: Settings, session: Session,
    monkeypatch: pytest.MonkeyPatch, boss: User,
) -> None:  # fmt: skip
    connect(address=f"{bot.url}/hook")
    bot.answer = (503, {}, b"")
    announce()
    work(monkeypatch, open_settings, session)
    (tried,) = deliveries(session)
    assert tried.state is Sending.waiting and tried.tries == 1 and tried.due_at > tried.started_at
    bot.hangs_up = True
    tried.due_at = tried.started_at
    session.commit()
    work(monkeypatch, open_settings, session)
    assert deliveries(session)[0].state is Sending.unclear and len(bot.heard) == 2
    assert service.sweep(session, now=current_time(session)) == 0, "nothing sends it again by itself"
    bot.hangs_up, bot.answer = False, (200, {}, b"{}")
    service.try_again(session, delivery=deliveries(session)[0], by=boss, now=current_time(session))
    session.commit()
    work(monkeypatch, open_settings, session)
    assert deliveries(session)[0].state is Sending.sent and len(bot.heard) == 3


def test_what_a_killed_worker_was_sending_is_owned_up_to(
    connect: Callable[..., Channel], announce: Callable[..., object], session: Session
) -> None:
    connect()
    announce()
    now = current_time(session)
    assert service.claim(session, delivery_id=deliveries(session)[0].id, now=now) is not None
    service.sweep(session, now=now + service.LOST_AFTER / 2)
    assert deliveries(session)[0].state is Sending.sending
    service.sweep(session, now=now + 2 * service.LOST_AFTER)
    assert deliveries(session)[0].state is Sending.unclear


def test_a_scheduled_one_goes_out_as_it_is_worded_then_or_not_at_all(
    connect: Callable[..., Channel], announce: Callable[..., object], session: Session, boss: User
) -> None:
    connect()
    now = current_time(session)
    later = now + timedelta(hours=1)
    made = announce(publish_at=later)
    assert service.sweep(session, now=now) == 0
    known = {"announcement": made, "by": boss, "now": now}
    changed = announcements.change(
        session, **known, title="T2", text="new", pinned=False, section=None, publish_at=later, version=1
    )
    assert [(each.title, each.text) for each in deliveries(session)] == [("T2", "new")]
    announcements.withdraw(session, **known, version=changed.version, reason="")
    assert [each.state for each in deliveries(session)] == [Sending.cancelled]


def test_what_is_for_one_section_goes_to_no_group(
    connect: Callable[..., Channel], announce: Callable[..., object], session: Session, course: Course
) -> None:
    connect()
    section = Section(course_id=course.id, name="Evening")
    session.add(section)
    session.flush()
    announce(section=section)
    assert deliveries(session) == []


def test_a_channel_hears_only_what_it_wants(
    connect: Callable[..., Channel], announce: Callable[..., object], session: Session
) -> None:
    connect(occasions=[Occasion.date_moved])
    announce()
    assert deliveries(session) == []
    announce(occasion=Occasion.date_moved)
    assert len(deliveries(session)) == 1


def test_a_moved_date_goes_to_the_groups_that_want_to_know(
    connect: Callable[..., Channel], session: Session, make_assignment: Callable[..., Assignment], boss: User, settings: Settings
) -> None:
    asked, _ = connect(occasions=[Occasion.date_moved]), connect(occasions=[Occasion.announcement])
    now = current_time(session)
    for slug, visible in (("tiny", True), ("contest", False)):
        assignment = make_assignment(slug=slug, visible=visible)
        dates = replace(dates_of(assignment), due_at=assignment.due_at + timedelta(days=1))
        known = {"reason": "a holiday", "by": boss, "root": settings.assignments, "version": 0, "now": now}
        move_dates(session, assignment=assignment, dates=dates, **known)
    (sent,) = deliveries(session)
    assert sent.channel_id == asked.id and sent.title.startswith("加倍") and "a holiday" in sent.text


def test_nobody_reads_a_key_again(
    client_as: Callable[[User], TestClient], boss: User, course: Course, session: Session, settings: Settings
) -> None:
    client = client_as(boss)
    added = client.post(CHANNELS, json={"kind": "wecom", "name": "Group", "address": KEYS[Kind.wecom]})
    key = KEYS[Kind.wecom].partition("key=")[2]
    assert added.status_code == 201 and added.json()["hint"] == "••••1234"
    refused = client.post(CHANNELS, json={"kind": "dingtalk", "name": "x", "address": KEYS[Kind.wecom]})
    assert refused.status_code == 422 and refused.json()["field"] == "address"
    seen = [added, refused, client.get(CHANNELS), client.get("/api/v1/courses/dl-2026/audit")]
    assert not any(key[:-4] in answer.text for answer in seen)
    channel = session.scalars(select(Channel)).one()
    assert key.encode() not in channel.sealed
    assert unseal(settings, channel.sealed, course_id=course.id) == {"to": key}
    assert client.post(f"{CHANNELS}/{channel.id}/test").status_code == 202
    assert client.get(f"{CHANNELS}/deliveries").json()[0]["state"] == "waiting"
    assert client.delete(f"{CHANNELS}/{channel.id}").status_code == 204
    session.expire_all()
    assert session.scalars(select(Channel)).one().sealed is None
    assert client.get(f"{CHANNELS}/deliveries").json()[0]["state"] == "cancelled"


def test_pauses_grow_up_to_the_longest_and_tries_end() -> None:
    pauses = [rules.pause_after(tries) for tries in range(1, 20)]
    assert pauses == sorted(pauses) and pauses[-1] == rules.LONGEST_PAUSE
    again = rules.failed("x", "x", again=True)
    assert rules.may_try_again(again, tries=4) and not rules.may_try_again(again, tries=rules.MOST_TRIES)
    assert not rules.may_try_again(rules.unclear(), tries=1)

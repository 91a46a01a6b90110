"""Messages leave with the commit, or not at all."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis
from fastapi.testclient import TestClient
from kombu.exceptions import ChannelError, OperationalError
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError as DatabaseFailure
from sqlalchemy.orm import Session

from server import broker, outbox
from server.accounts.models import User
from server.app import create_app
from server.assignments.models import Assignment
from server.database import session_factory
from server.outbox import Message, Relay, run_after_commit
from server.settings import Settings

PATH = "/api/v1/courses/dl-2026/assignments/tiny/submissions"


@pytest.fixture
def queue(settings: Settings) -> Callable[[], int]:
    """How many messages the broker holds for the queue `tests`."""
    broker.configure(settings)
    client = redis.Redis.from_url(settings.redis_url)
    client.flushdb()
    return lambda: client.llen("tests")


def collect_into(sent: list) -> Callable[[Session, Message], None]:
    return lambda session, message: sent.append(message.arguments[0])


def test_a_message_goes_out_once_and_only_after_the_commit(session: Session) -> None:
    sent: list[int] = []
    run_after_commit(session, "a.task", 7, queue="tests")
    session.flush()
    assert outbox.relay(collect_into(sent)) == 0
    session.commit()
    assert [outbox.relay(collect_into(sent)) for _ in range(2)] == [1, 0]
    assert sent == [7]


def test_a_rolled_back_transaction_sends_nothing(session: Session) -> None:
    run_after_commit(session, "a.task", 7, queue="tests")
    session.flush()
    session.rollback()
    assert outbox.relay(collect_into([])) == 0


def test_messages_wait_while_the_broker_is_away(session: Session) -> None:
    def fail(session: Session, message: Message) -> None:
        raise OperationalError("no broker")

    run_after_commit(session, "a.task", 7, queue="tests")
    session.commit()
    with pytest.raises(OperationalError):
        outbox.relay(fail)
    sent: list[int] = []
    assert outbox.relay(collect_into(sent)) == 1
    assert session.scalars(select(Message)).all() == []


def test_two_relays_never_send_the_same_message(session: Session) -> None:
    for number in range(40):
        run_after_commit(session, "a.task", number, queue="tests")
    session.commit()
    sent: list[int] = []
    relays = [threading.Thread(target=outbox.relay, args=(collect_into(sent),), kwargs={"limit": 5}) for _ in range(8)]
    for relay in relays:
        relay.start()
    for relay in relays:
        relay.join()
    while outbox.relay(collect_into(sent)):
        pass
    assert sorted(sent) == list(range(40))


def test_the_relay_wakes_up_at_a_commit(tables: Engine) -> None:
    arrived = threading.Event()
    with Relay(lambda session, message: arrived.set(), every_s=60):
        with session_factory.begin() as session:
            run_after_commit(session, "a.task", 1, queue="tests")
        assert arrived.wait(5)


@pytest.mark.parametrize(
    "failure",
    [OperationalError("no broker"), DatabaseFailure("SELECT 1", {}, Exception("no database")), ChannelError("out of memory")],
    ids=["broker", "database", "anything"],
)
def test_the_relay_outlives_what_its_engines_do(tables: Engine, failure: Exception) -> None:
    arrived, failures = threading.Event(), [failure, failure]

    def hand_over(session: Session, message: Message) -> None:
        if failures:
            raise failures.pop()
        arrived.set()

    with Relay(hand_over, every_s=0.05):
        with session_factory.begin() as session:
            run_after_commit(session, "a.task", 1, queue="tests")
        assert arrived.wait(5)


def test_the_relay_outlives_a_database_that_does_not_answer(tables: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived, asked = threading.Event(), threading.Event()

    class Away:
        def begin(self) -> None:
            asked.set()
            raise DatabaseFailure("SELECT 1", {}, Exception("the database system is starting up"))

    with Relay(lambda session, message: arrived.set(), every_s=0.05):
        with monkeypatch.context() as restart:
            restart.setattr(outbox, "session_factory", Away())
            assert asked.wait(5)
        with session_factory.begin() as session:
            run_after_commit(session, "a.task", 1, queue="tests")
        assert arrived.wait(5)


def test_publishing_survives_a_broker_that_forgot_everything(settings: Settings, queue: Callable[[], int]) -> None:
    broker.send("a.task", [1], queue="tests")
    assert queue() == 1
    redis.Redis.from_url(settings.redis_url).flushdb()  # queues, and the bindings of named exchanges
    broker.send("a.task", [2], queue="tests")
    assert queue() == 1


def test_only_json_is_accepted() -> None:
    assert broker.celery.conf.accept_content == ["json"]
    assert (broker.celery.conf.task_serializer, broker.celery.conf.task_ignore_result) == ("json", True)


def test_a_receipt_does_not_need_the_broker(
    settings: Settings, student: User, assignment: Assignment, bearer: Callable[[User], dict[str, str]], session: Session
) -> None:
    with (
        broker_at("redis://127.0.0.1:1/0", settings) as away,
        TestClient(create_app(away), base_url="http://gradus.test", headers=bearer(student)) as client,
    ):
        started = time.monotonic()
        answer = client.post(PATH, files={"files": ("solution.py", b"x = 1\n")})
        assert time.monotonic() - started < 3
    assert time.monotonic() - started < 10  # the relay gives up at once and does not hold the process
    assert (answer.status_code, answer.json()["state"]) == (201, "received")
    assert len(session.scalars(select(Message)).all()) == 1


@contextmanager
def broker_at(url: str, settings: Settings) -> Iterator[Settings]:
    """Another broker for a while. Celery keeps its connections, except after a fork."""
    broker.celery._after_fork()
    yield settings.model_copy(update={"redis_url": url})
    broker.configure(settings)
    broker.celery._after_fork()

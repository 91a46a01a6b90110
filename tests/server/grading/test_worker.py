"""A real worker, a real sandbox, and what happens when either the worker or the broker loses its memory."""

import os
import signal
import time
from collections.abc import Callable

import pytest
import redis
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import session_factory
from server.models import Job, Message, Queue, Run, State, Submission

RIGHT = "def double(x):\n    return 2 * x\n"
SLOW = "import time\n\ndef double(x):\n    time.sleep(1.5)\n    return 2 * x\n"

pytestmark = pytest.mark.sandbox


def states(session: Session) -> dict[State, int]:
    session.rollback()
    return dict(session.execute(select(Job.state, func.count()).group_by(Job.state)).all())


def scores(session: Session) -> list[float]:
    session.rollback()
    return [float(score) for score in session.scalars(select(Run.score).order_by(Run.id))]


def first_tries(session: Session, submission: Submission) -> int:
    session.rollback()
    return session.scalar(select(Job.tries).where(Job.submission_id == submission.id))


@pytest.fixture
def many(hand_in: Callable[..., Submission], assignment: Assignment, make_member: Callable[..., User]) -> list[Submission]:
    """Twenty submissions of twenty students."""
    return [hand_in(assignment, make_member(f"student{number}"), f"# {number}\n{RIGHT}") for number in range(20)]


def test_a_worker_judges_what_was_handed_in(
    platform, session: Session, hand_in: Callable[..., Submission], assignment: Assignment, make_member: Callable[..., User]
) -> None:
    sources = {"ada": RIGHT, "bob": "def double(x):\n    return x\n", "eve": "def double(x:\n"}
    submissions = {login: hand_in(assignment, make_member(login), source) for login, source in sources.items()}
    platform.start_worker()
    platform.start_beat()
    platform.wait(lambda: states(session) == {State.graded: 3}, "three verdicts")
    session.expire_all()
    assert {login: float(each.run.score) for login, each in submissions.items()} == {"ada": 100, "bob": 0, "eve": 0}
    assert submissions["eve"].run.status == "ungradable"
    assert len(submissions["ada"].run.seed) == 64


@pytest.mark.long
def test_kill_9_in_the_middle_of_judging_loses_nothing_and_doubles_nothing(
    platform, session: Session, hand_in: Callable[..., Submission], assignment: Assignment, make_member: Callable[..., User]
) -> None:
    slow = hand_in(assignment, make_member("ada"), SLOW)
    other = hand_in(assignment, make_member("bob"), RIGHT)
    worker, _ = platform.start_worker(), platform.start_beat()
    platform.wait(lambda: first_tries(session, slow) == 1, "the first try")
    time.sleep(0.5)  # well inside the student's first call
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    platform.start_worker()
    platform.wait(lambda: states(session) == {State.graded: 2}, "both verdicts")
    assert scores(session) == [100, 100]
    assert first_tries(session, slow) == 2
    assert first_tries(session, other) == 1


@pytest.mark.thorough
def test_flushall_with_twenty_queued_loses_nothing_and_doubles_nothing(
    platform, session: Session, many: list[Submission]
) -> None:
    platform.start_worker()
    platform.start_beat()
    platform.wait(lambda: states(session).get(State.graded, 0) >= 1, "the first verdict")
    with redis.Redis.from_url(platform.settings.redis_url) as client:
        client.flushall()
        assert states(session).get(State.graded, 0) < len(many)  # else there was nothing to lose
        platform.wait(lambda: states(session) == {State.graded: 20}, "twenty verdicts")
        client.flushall()
    assert scores(session) == [100] * 20
    with session_factory() as fresh:
        assert fresh.scalars(select(Job.tries)).all() == [1] * 20


@pytest.mark.thorough
def test_what_waits_for_a_gpu_is_taken_by_workers_of_that_queue_alone_and_waits_where_none_has_one(
    platform, session: Session, hand_in: Callable[..., Submission], assignment: Assignment, make_member: Callable[..., User]
) -> None:
    """The tiny assignment itself needs no GPU: that its job comes out shows that messages reach the queue."""
    submission = hand_in(assignment, make_member("ada"), RIGHT)
    submission.job.queue = Queue.gpu
    session.execute(update(Message).values(queue=Queue.gpu))
    session.commit()
    platform.start_worker()
    platform.start_beat()
    time.sleep(3)
    assert State.graded not in states(session)
    worker = ["-m", "celery", "--app", "server.worker", "worker", "--loglevel", "info", "--concurrency", "1", "--queues", "gpu"]
    platform.start(worker, "gpu-worker.log")
    platform.wait(lambda: states(session) == {State.graded: 1}, "the verdict of the worker with the queue gpu")
    assert "0 GPUs" in platform.logs()

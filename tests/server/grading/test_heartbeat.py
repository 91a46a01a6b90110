"""The lease lives as long as the judge works, and not longer."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis
from sqlalchemy import update
from sqlalchemy.orm import Session

from grader.protocol import Progress
from server.accounts.models import User
from server.assignments.models import Assignment
from server.grading import service
from server.grading.heartbeat import Heartbeat
from server.grading.hints import channel_of
from server.grading.service import Claim
from server.lease import LeaseLost
from server.models import Job, Submission
from server.settings import Settings


@pytest.fixture
def claim(session: Session, hand_in: Callable[..., Submission], assignment: Assignment, student: User) -> Claim:
    claim = service.claim(session, job_id=hand_in(assignment, student).job.id, lease_s=0.8)
    session.commit()
    return claim


@pytest.fixture
def heartbeat(claim: Claim, settings: Settings) -> Heartbeat:
    return Heartbeat(claim, lease_s=0.8, client=redis.Redis.from_url(settings.redis_url))


def test_a_lease_outlives_its_length_while_somebody_works(session: Session, heartbeat: Heartbeat) -> None:
    with heartbeat:
        time.sleep(1.2)
        assert service.take_over_expired(session) == 0
    time.sleep(0.9)
    assert service.take_over_expired(session) == 1


def test_progress_reaches_the_table_without_the_judge_waiting(session: Session, heartbeat: Heartbeat, claim: Claim) -> None:
    with heartbeat:
        started = time.monotonic()
        for done in range(1000):
            heartbeat.progress(Progress(done=done, total=1000))
        assert time.monotonic() - started < 0.5
        time.sleep(0.5)
        session.expire_all()
        assert session.get(Job, claim.job_id).checks_done == 999


def test_hidden_checks_reach_the_table_at_ticks_whatever_each_of_them_took(
    session: Session, settings: Settings, claim: Claim, make_progress: Callable[[int], Progress]
) -> None:
    """The same between two ticks for whoever reads the table or hears its hints, be it a page or a stream."""
    client, tick_s = redis.Redis.from_url(settings.redis_url), 8.0
    with listening(client, claim) as hints, Heartbeat(claim, lease_s=60, client=client, tick_s=tick_s) as heartbeat:
        heartbeat.progress(make_progress(0))
        started = time.monotonic()
        heartbeat.progress(make_progress(1))  # the public one has ended, hidden ones follow
        heartbeat.progress(make_progress(2))
        while marks_done(session, claim) < 1:
            time.sleep(0.05)
        heard = count(hints)
        while more := count_within(hints, 1.5):  # a hint follows what is written, on a busy machine later
            heard += more
        assert heard >= 1
        heartbeat.progress(make_progress(3))
        time.sleep(0.4)
        assert (marks_done(session, claim), count(hints)) == (1, 0), "nothing is told between two ticks"
        while marks_done(session, claim) == 1:
            time.sleep(0.05)
        assert time.monotonic() - started >= tick_s
        assert (marks_done(session, claim), count(hints)) == (3, 1)


@contextmanager
def listening(client: redis.Redis, claim: Claim) -> Iterator[redis.client.PubSub]:
    with client.pubsub(ignore_subscribe_messages=True) as pubsub:
        pubsub.subscribe(channel_of(claim.submission_id))
        pubsub.get_message(timeout=1)
        yield pubsub


def count(hints: redis.client.PubSub) -> int:
    return sum(1 for _ in iter(lambda: hints.get_message(timeout=0.05), None))


def count_within(hints: redis.client.PubSub, seconds: float) -> int:
    time.sleep(seconds)
    return count(hints)


def marks_done(session: Session, claim: Claim) -> int:
    session.rollback()
    session.expire_all()
    job = session.get(Job, claim.job_id)
    assert job.checks_done == sum(mark["outcome"] is not None for mark in job.marks)
    return job.checks_done


def test_a_judge_whose_lease_is_gone_learns_it_at_the_next_check(session: Session, heartbeat: Heartbeat, claim: Claim) -> None:
    with heartbeat:
        session.execute(update(Job).where(Job.id == claim.job_id).values(fence=Job.fence + 1))
        session.commit()
        time.sleep(0.6)
        with pytest.raises(LeaseLost):
            heartbeat.progress(Progress(done=1, total=2))

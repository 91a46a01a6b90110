"""Questions that are scored after the close are scored by themselves once it is over for everybody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import current_time
from server.grading.opening import judge_what_is_due
from server.settings import Settings
from server.submissions.models import State, Submission


@pytest.fixture
def closed(make_assignment: Callable[..., Assignment], session: Session) -> Assignment:
    """With `later`, which is due after the close; handed in to before."""
    past = current_time(session) - timedelta(minutes=1)
    return make_assignment(slug="mixed", due_at=past, closes_at=past)


@pytest.fixture
def waiting(
    closed: Assignment, student: User, hand_in: Callable[..., Submission], grade: Callable[..., object], session: Session
):
    closed.closes_at = current_time(session) + timedelta(hours=1)
    submission = hand_in(closed, student)
    grade(submission, 65, open_questions=["later"])
    closed.closes_at = closed.due_at
    session.commit()
    return submission


def queued(session: Session, settings: Settings) -> int:
    count = judge_what_is_due(session, root=settings.assignments)
    session.commit()
    return count


def test_what_was_left_open_is_judged_once_nobody_can_hand_in(
    session: Session, settings: Settings, waiting: Submission, grade: Callable[..., object]
) -> None:
    assert (queued(session, settings), waiting.state) == (1, State.received)
    assert queued(session, settings) == 0  # it waits already
    grade(waiting, 70)
    assert queued(session, settings) == 0  # nothing is open any more


def test_nobody_is_judged_while_somebody_may_still_hand_in(session: Session, settings: Settings, waiting: Submission) -> None:
    waiting.assignment.closes_at = current_time(session) + timedelta(hours=1)
    session.commit()
    assert queued(session, settings) == 0

"""Entries made up for boards that need no database, and a competition with results in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from grader.protocol import Measured
from server.accounts.models import User
from server.assignments.models import Assignment
from server.leaderboard.standings import Entry
from server.models import Run, Submission

START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    def make(submission_id: int, value: float | None, *, minute: int | None = None, run_id: int | None = None, **fields: object):
        received_at = START + timedelta(minutes=submission_id if minute is None else minute)
        return Entry(
            submission_id=submission_id, attempt=submission_id, received_at=received_at,
            run_id=submission_id if run_id is None else run_id, value=value, **fields,
        )  # fmt: skip

    return make


@pytest.fixture
def contest(make_assignment: Callable[..., Assignment]) -> Assignment:
    """Open for nine days more; the board freezes a day before."""
    return make_assignment(slug="contest")


@pytest.fixture
def score(
    session: Session, contest: Assignment, hand_in: Callable[..., Submission], grade: Callable[..., Run],
    measured: Callable[..., Measured],
) -> Callable[..., Submission]:  # fmt: skip
    """Somebody hands in, so long before the close, and is measured."""

    def score(author: User, public: int, private: float = 0.5, *, before_close: timedelta | None = None) -> Submission:
        submission = hand_in(contest, author, source=f"# {public} {private}\n")
        if before_close is not None:
            submission.received_at = contest.closes_at - before_close
            session.commit()
        grade(submission, 100, measured=measured(public, private))
        return submission

    return score

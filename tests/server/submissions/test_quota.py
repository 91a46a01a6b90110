"""Two counters: what was handed in, and what reached a score. A fault of ours costs neither."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import current_time
from server.models import Run, Submission
from server.submissions import service
from server.submissions.rules import AttemptsUsedUp, DailyScoredUsedUp, Quota, ScoredUsedUp, scored_left, scored_left_today

HandIn = Callable[..., Submission]


@pytest.fixture
def contest(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug="contest", attempt_limit=6, per_day=6, scored_limit=3, scored_per_day=2)


def count(session: Session, assignment: Assignment, author: User) -> Quota:
    return service.count_attempts(session, assignment=assignment, author=author, now=current_time(session))


def test_what_crashes_costs_an_attempt_but_no_score(
    session: Session, contest: Assignment, student: User, hand_in: HandIn, grade: Callable[..., Run],
    measured: Callable[..., object],
) -> None:  # fmt: skip
    grade(hand_in(contest, student), 0)
    assert count(session, contest, student) == Quota(1, 1, 0, 0)
    grade(hand_in(contest, student), 100, measured=measured(100))
    assert count(session, contest, student) == Quota(2, 2, 1, 1)


def test_what_waits_counts_as_if_it_would_score_and_a_fault_of_ours_as_nothing(
    session: Session, contest: Assignment, student: User, hand_in: HandIn, break_down: Callable[..., None]
) -> None:
    waiting = hand_in(contest, student)
    assert count(session, contest, student) == Quota(1, 1, 1, 1)
    break_down(waiting)
    assert count(session, contest, student) == Quota(0, 0, 0, 0)


def test_each_counter_refuses_by_its_own_name(
    session: Session, contest: Assignment, student: User, hand_in: HandIn, grade: Callable[..., Run],
    measured: Callable[..., object],
) -> None:  # fmt: skip
    for _ in range(2):
        grade(hand_in(contest, student), 100, measured=measured(100))
    with pytest.raises(DailyScoredUsedUp, match="2 scored"):
        hand_in(contest, student)
    session.rollback()
    contest.scored_per_day = None
    session.commit()
    grade(hand_in(contest, student), 100, measured=measured(100))
    with pytest.raises(ScoredUsedUp, match="3 scored"):
        hand_in(contest, student)
    session.rollback()
    contest.scored_limit = None
    session.commit()
    for _ in range(3):
        hand_in(contest, student)
    with pytest.raises(AttemptsUsedUp, match="6 attempts"):
        hand_in(contest, student)


def test_what_is_left_is_the_smaller_of_both(contest: Assignment) -> None:
    assert (scored_left(contest, Quota(9, 9, 2, 1)), scored_left_today(contest, Quota(9, 9, 2, 1))) == (1, 1)
    assert scored_left_today(contest, Quota(9, 9, 3, 0)) == 0


def test_a_homework_has_one_counter(assignment: Assignment) -> None:
    assert (scored_left(assignment, Quota(1, 1)), scored_left_today(assignment, Quota(1, 1))) == (None, None)

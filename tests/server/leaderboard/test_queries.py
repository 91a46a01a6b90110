"""Rankings as properties of what was handed in and judged."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from grader.protocol import Status
from server.accounts.models import User
from server.assignments.models import Assignment, Counts
from server.courses.models import Role
from server.grading import service as grading
from server.leaderboard import queries
from server.models import Run, Submission

HandIn = Callable[..., Submission]
Grade = Callable[..., Run]
Member = Callable[..., User]


def board(session: Session, assignment: Assignment, metric: str | None = "accuracy") -> list[tuple[int, str, float]]:
    return [(row.rank, row.login, float(row.score)) for row in queries.rank(session, assignment=assignment, metric=metric)]


def test_the_higher_score_is_first_and_the_earlier_of_two_equals(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, make_member: Member
) -> None:
    for login, score in (("ada", 70), ("bob", 90), ("eve", 90), ("ida", 80)):
        grade(hand_in(assignment, make_member(login)), score)
    assert board(session, assignment) == [(1, "bob", 90), (2, "eve", 90), (3, "ida", 80), (4, "ada", 70)]


def test_the_same_score_at_the_same_moment_is_the_same_place(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, make_member: Member
) -> None:
    submissions = [hand_in(assignment, make_member(login)) for login in ("ada", "bob", "eve")]
    for submission, score in zip(submissions, (90, 90, 50), strict=True):
        submission.received_at = submissions[0].received_at
        session.commit()
        grade(submission, score)
    assert [row[0] for row in board(session, assignment)] == [1, 1, 3]


@pytest.mark.parametrize(("counts", "expected"), [(Counts.best, 80), (Counts.latest, 30)])
def test_the_policy_says_which_attempt_counts(
    session: Session, make_assignment: Callable[..., Assignment], hand_in: HandIn, grade: Grade, student: User,
    counts: Counts, expected: float,
) -> None:  # fmt: skip
    assignment = make_assignment(counts=counts)
    for score in (50, 80, 30):
        grade(hand_in(assignment, student), score)
    assert board(session, assignment) == [(1, "ada", expected)]


@pytest.mark.parametrize("counts", list(Counts))
def test_while_a_newer_attempt_is_judged_the_last_verdict_stays(
    session: Session, make_assignment: Callable[..., Assignment], hand_in: HandIn, grade: Grade, student: User, counts: Counts
) -> None:
    assignment = make_assignment(counts=counts)
    grade(hand_in(assignment, student), 60)
    waiting = hand_in(assignment, student)
    assert board(session, assignment) == [(1, "ada", 60)]
    grade(waiting, 61)
    assert board(session, assignment) == [(1, "ada", 61)]


def test_of_one_attempt_the_newest_run_counts_even_if_it_is_lower(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, student: User
) -> None:
    submission = hand_in(assignment, student)
    grade(submission, 90)
    grading.rerun(session, submission=submission, requested_by=student)
    session.commit()
    assert board(session, assignment) == [(1, "ada", 90)]
    grade(submission, 40)
    assert board(session, assignment) == [(1, "ada", 40)]


def test_a_later_attempt_with_the_same_best_score_does_not_cost_the_earlier_time(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, make_member: Member
) -> None:
    ada, bob = make_member("ada"), make_member("bob")
    first = hand_in(assignment, ada)
    first.received_at -= timedelta(hours=1)
    session.commit()
    grade(first, 90)
    grade(hand_in(assignment, bob), 90)
    grade(hand_in(assignment, ada), 90)
    assert [row[1] for row in board(session, assignment)] == ["ada", "bob"]


def test_staff_who_try_it_out_and_those_without_a_verdict_are_not_ranked(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, make_member: Member
) -> None:
    grade(hand_in(assignment, make_member("ta", Role.ta)), 100)
    hand_in(assignment, make_member("ada"))
    grade(hand_in(assignment, make_member("eve")), 0, status=Status.ungradable)
    assert board(session, assignment) == [(1, "eve", 0)]


def test_only_the_public_metric_is_shown(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, student: User
) -> None:
    grade(hand_in(assignment, student), 75)
    (row,) = queries.rank(session, assignment=assignment, metric="accuracy")
    assert row.metric == 0.75
    assert queries.rank(session, assignment=assignment, metric="none-such")[0].metric is None

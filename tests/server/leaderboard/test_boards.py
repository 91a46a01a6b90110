"""Rankings as properties of what was handed in and judged."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from grader.protocol import Environment, Report, Status, Timing
from grader.spec import load_manifest
from server.accounts.models import User
from server.assignments.models import Assignment, Counts
from server.courses.models import Enrollment, Role
from server.grading import service as grading
from server.leaderboard import boards as boards_module
from server.leaderboard import queries
from server.leaderboard.boards import Boards
from server.leaderboard.standings import Entrant
from server.models import Run, Submission
from tests.server.conftest import CONTENT

HandIn = Callable[..., Submission]
Grade = Callable[..., Run]
Member = Callable[..., User]


MANIFEST = load_manifest(CONTENT / "tiny")


def board(session: Session, assignment: Assignment) -> list[tuple[int, str, float]]:
    """Rank, login and score, read anew."""
    live = Boards(fresh_s=0).get(session, assignment, MANIFEST)
    return [(rank, live.members[row.entrant][0].login, row.value) for rank, row in enumerate(live.board.order, start=1)]


def test_the_higher_score_is_first_and_the_earlier_of_two_equals(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, make_member: Member
) -> None:
    for login, score in (("ada", 70), ("bob", 90), ("eve", 90), ("ida", 80)):
        grade(hand_in(assignment, make_member(login)), score)
    assert board(session, assignment) == [(1, "bob", 90), (2, "eve", 90), (3, "ida", 80), (4, "ada", 70)]


def test_the_same_score_at_the_same_moment_goes_by_who_was_received_first(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, make_member: Member
) -> None:
    submissions = [hand_in(assignment, make_member(login)) for login in ("ada", "bob", "eve")]
    for submission, score in zip(reversed(submissions), (50, 90, 90), strict=True):
        submission.received_at = submissions[0].received_at
        session.commit()
        grade(submission, score)
    assert [row[:2] for row in board(session, assignment)] == [(1, "ada"), (2, "bob"), (3, "eve")]


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


def test_the_metric_beside_the_points_is_the_public_one(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, student: User
) -> None:
    grade(hand_in(assignment, student), 75)
    (row,) = Boards(fresh_s=0).get(session, assignment, MANIFEST).board.order
    assert row.entry.metric == 0.75


def test_what_comes_later_is_taken_in_whatever_the_order_of_its_commit(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, make_member: Member, tables: Engine
) -> None:
    """A run with a smaller id that is committed after one with a larger id has been read must not be missed."""
    boards = Boards(fresh_s=0)
    ada, bob = (hand_in(assignment, make_member(login)) for login in ("ada", "bob"))
    with Session(tables) as slow:
        claim = grading.claim(slow, job_id=ada.job.id, lease_s=15)
        slow.commit()
        grading.record_report(slow, claim=claim, report=slow_report(), versions={})
        grade(bob, 50)
        live = boards.get(session, assignment, MANIFEST)
        assert [live.members[row.entrant][0].login for row in live.board.order] == ["bob"]
        slow.commit()
    session.rollback()
    live = boards.get(session, assignment, MANIFEST)
    assert [live.members[row.entrant][0].login for row in live.board.order] == ["ada", "bob"]


def test_old_runs_are_not_read_again(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards_module, "OVERLAP", timedelta(0))
    boards = Boards(fresh_s=0)
    grade(hand_in(assignment, student), 50)
    live = boards.get(session, assignment, MANIFEST)
    boards.get(session, assignment, MANIFEST)
    revision = live.revision
    grade(hand_in(assignment, student), 60)
    asked: list[int] = []
    entries = queries.entries
    monkeypatch.setattr(queries, "entries", lambda **given: asked.append(given["after_run"]) or entries(**given))
    boards.get(session, assignment, MANIFEST)
    assert (asked, live.revision, live.board.standings[Entrant("person", student.id)].value) == ([1], revision + 1, 60)


def test_who_leaves_the_course_leaves_the_board(
    session: Session, assignment: Assignment, hand_in: HandIn, grade: Grade, make_member: Member
) -> None:
    boards = Boards(fresh_s=0)
    for login in ("ada", "bob"):
        grade(hand_in(assignment, make_member(login)), 80)
    assert len(boards.get(session, assignment, MANIFEST).board) == 2
    session.execute(delete(Enrollment).where(Enrollment.user_id == 1))
    session.commit()
    assert len(boards.get(session, assignment, MANIFEST).board) == 1


def slow_report() -> Report:
    environment = Environment(python="3", torch="2", device="cpu", sandbox="fake", isolation="fork")
    timing = Timing(sandbox=0, student=0, total=0)
    return Report(
        assignment="tiny", status=Status.graded, score=90, max_score=100, seed="ab" * 32, environment=environment, timing=timing
    )

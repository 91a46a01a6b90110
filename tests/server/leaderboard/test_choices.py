"""Marking submissions as final: at most so many, only scored ones, only one's own, only in time."""

from collections.abc import Callable
from datetime import timedelta

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.database import current_time
from server.models import Submission

Client = Callable[[User], TestClient]
Score = Callable[..., Submission]
BOARD = "/api/v1/courses/dl-2026/assignments/contest/leaderboard"


def path(submission: Submission) -> str:
    return f"/api/v1/submissions/{submission.id}/choice"


def test_at_most_two_and_one_may_be_taken_back(client_as: Client, student: User, score: Score) -> None:
    client, (first, second, third) = client_as(student), [score(student, right) for right in (100, 120, 140)]
    assert [client.post(path(each)).status_code for each in (first, first, second)] == [204, 204, 204]
    refused = client.post(path(third)).json()
    assert (refused["code"], refused["chosen"]) == ("too_many_chosen", [first.id, second.id])
    assert client.delete(path(first)).status_code == 204
    assert client.post(path(third)).status_code == 204


def test_the_best_choice_counts_on_the_private_board(
    client_as: Client, student: User, make_member: Callable[..., User], score: Score
) -> None:
    staff = client_as(make_member("ta", Role.ta))
    score(student, 180, private=0.6)
    chosen = score(student, 100, private=0.8)
    assert staff.get(BOARD, params={"half": "private"}).json()["rows"][0]["metric"] == 0.6
    client_as(student).post(path(chosen))
    assert staff.get(BOARD, params={"half": "private"}).json()["rows"][0]["metric"] == 0.8
    assert client_as(student).get(BOARD).json()["rows"][0]["metric"] == 0.9


def test_refusals(
    session: Session, client_as: Client, student: User, make_member: Callable[..., User], score: Score, contest: Assignment,
    hand_in: Callable[..., Submission], grade: Callable[..., object], make_assignment: Callable[..., Assignment],
) -> None:  # fmt: skip
    scored, failed = score(student, 100), hand_in(contest, student)
    grade(failed, 0)
    homework = hand_in(make_assignment(), student)
    client, staff, other = client_as(student), client_as(make_member("ta", Role.ta)), client_as(make_member("bob"))
    assert client.post(path(failed)).json()["code"] == "not_scored"
    assert client.post(path(homework)).json()["code"] == "nothing_to_choose"
    assert staff.post(path(scored)).json()["code"] == "not_yours"
    assert other.post(path(scored)).json()["code"] == "not_found"
    contest.due_at = contest.closes_at = current_time(session) - timedelta(hours=1)
    session.commit()
    assert client.post(path(scored)).json()["code"] == "choices_are_closed"

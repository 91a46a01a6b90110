"""The leaderboard over HTTP: names and scores for students, a little more for staff."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.models import Run, Submission

PATH = "/api/v1/courses/dl-2026/assignments/tiny/leaderboard"


def test_students_see_names_and_scores_and_themselves(
    client_as: Callable[[User], TestClient], assignment: Assignment, make_member: Callable[..., User],
    hand_in: Callable[..., Submission], grade: Callable[..., Run],
) -> None:  # fmt: skip
    ada, bob = make_member("ada"), make_member("bob")
    grade(hand_in(assignment, ada), 75)
    answer = client_as(bob).get(PATH)
    (row,) = answer.json()["rows"]
    assert (row["rank"], row["name"], row["score"], row["metric"]) == (1, "Ada", 75.0, 0.75)
    assert (row["is_me"], row["login"]) == (False, None)
    assert "0.123456" not in answer.text  # the private metric
    assert client_as(ada).get(PATH).json()["rows"][0]["is_me"]
    assert client_as(make_member("ta", Role.ta)).get(PATH).json()["rows"][0]["login"] == "ada"

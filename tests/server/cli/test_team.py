"""`gradus team` and `gradus choose` as students type them."""

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from server.accounts.models import User
from server.assignments.models import Assignment
from server.models import Run, Submission

Gradus = Callable[..., Result]


@pytest.fixture
def contest(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug="contest")


def test_two_students_find_together(
    contest: Assignment, gradus: Gradus, make_member: Callable[..., User], sign_in: Callable[[User], None]
) -> None:
    ada, bob = make_member("ada"), make_member("bob")
    sign_in(ada)
    assert "You are in no team" in gradus("team", "show").output
    assert gradus("team", "create", "Alpha").exit_code == 0
    assert "has not answered yet" in gradus("team", "invite", "bob").stdout
    sign_in(bob)
    assert "gradus team accept" in gradus("team", "show").stdout
    assert gradus("team", "accept", "--team", "Beta").exit_code == 4
    assert json.loads(gradus("team", "accept", "--json").stdout)["team"]["name"] == "Alpha"
    again = gradus("team", "accept")
    assert again.exit_code == 4 and "There is no such invitation" in again.output
    assert gradus("team", "leave").exit_code == 0


def test_a_submission_is_marked_as_final_and_taken_back(
    contest: Assignment, student: User, gradus: Gradus, sign_in: Callable[[User], None], hand_in: Callable[..., Submission],
    grade: Callable[..., Run], measured: Callable[..., object],
) -> None:  # fmt: skip
    sign_in(student)
    scored, failed = hand_in(contest, student), hand_in(contest, student, source="# 2\n")
    grade(scored, 100, measured=measured(100))
    grade(failed, 0)
    assert "marked as final" in gradus("choose", str(scored.id)).stdout
    refused = gradus("choose", str(failed.id))
    assert refused.exit_code == 4 and "Only a submission that has a score" in refused.output
    assert "no longer final" in gradus("choose", str(scored.id), "--undo").stdout

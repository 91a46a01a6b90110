"""`gradus choose`: a final submission from the terminal."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session
from typer.testing import Result

from grader.protocol import Measured
from server.accounts.models import User
from server.assignments.models import Assignment
from server.cli.exits import ExitCode
from server.leaderboard.choices import list_chosen
from server.models import Run, Submission


@pytest.fixture
def contest(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug="contest")


def test_a_mark_is_set_taken_back_and_refused_without_a_score(
    gradus: Callable[..., Result], sign_in: Callable[[User], None], student: User, contest: Assignment, session: Session,
    hand_in: Callable[..., Submission], grade: Callable[..., Run], measured: Callable[..., Measured],
) -> None:  # fmt: skip
    scored, failed = hand_in(contest, student), hand_in(contest, student, source="# other\n")
    for submission, fields in ((scored, {"measured": measured(100)}), (failed, {})):
        grade(submission, 100, **fields)
    sign_in(student)
    done = gradus("choose", str(scored.id))
    assert (done.exit_code, f"submission {scored.id} is final" in done.stdout) == (0, True)
    assert list_chosen(session, assignment=contest, user=student) == [scored.id]
    assert json.loads(gradus("choose", str(scored.id), "--undo", "--json").stdout) == {"submission": scored.id, "final": False}
    assert list_chosen(session, assignment=contest, user=student) == []
    refused = gradus("choose", str(failed.id))
    assert (refused.exit_code, "has a score" in refused.stderr) == (ExitCode.refused, True)

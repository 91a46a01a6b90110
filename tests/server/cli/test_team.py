"""`gradus team` against the running app: create, invite, accept, decline, leave."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session
from typer.testing import Result

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cli.exits import ExitCode
from server.cli.team import split_words
from server.courses.models import Role
from server.models import Submission
from server.teams import queries, service

Run = Callable[..., Result]


@pytest.fixture
def contest(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug="contest")


@pytest.fixture
def gradus_as(gradus: Run, sign_in: Callable[[User], None]) -> Callable[..., Result]:
    def run(user: User, *words: str) -> Result:
        sign_in(user)
        return gradus("team", *words)

    return run


def test_a_team_from_its_founding_to_its_end(
    gradus_as: Run, contest: Assignment, student: User, make_member: Callable[..., User]
) -> None:
    bob = make_member("bob")
    assert "up to 3 in one" in gradus_as(student, "show").stdout
    assert gradus_as(student, "create", "dl-2026/contest", "Les Perceptrons").stdout.startswith("Les Perceptrons")
    assert "invited, has not answered" in gradus_as(student, "invite", "bob").stdout
    assert "Bob" not in gradus_as(student, "invite", "contest", "bob", "--undo").stdout
    assert "invites you" not in gradus_as(bob, "show").stdout
    gradus_as(student, "invite", "bob")
    shown = gradus_as(bob, "show", "contest").stdout
    assert "Les Perceptrons invites you (Ada)" in shown and "gradus team accept" in shown
    joined = json.loads(gradus_as(bob, "accept", "--json").stdout)
    assert [member["login"] for member in joined["team"]["members"] if member["joined_at"]] == ["ada", "bob"]
    assert "You are in no team" in gradus_as(bob, "leave").stdout
    assert "Bob" not in gradus_as(student, "show").stdout


def test_of_two_invitations_one_is_named(
    gradus_as: Run, contest: Assignment, student: User, make_member: Callable[..., User]
) -> None:
    bob, eve = make_member("bob"), make_member("eve")
    for founder, name in ((student, "Alpha"), (bob, "Beta")):
        gradus_as(founder, "create", name)
        gradus_as(founder, "invite", "eve")
    unclear = gradus_as(eve, "accept")
    assert (unclear.exit_code, "Alpha, Beta" in unclear.stderr) == (ExitCode.usage, True)
    left = gradus_as(eve, "decline", "dl-2026/contest", "alpha").stdout
    assert ("Alpha" in left, "Beta invites you" in left) == (False, True)
    assert gradus_as(eve, "accept", "Beta").stdout.startswith("Beta")


def test_what_the_server_refuses_is_told(
    gradus_as: Run, contest: Assignment, student: User, hand_in: Callable[..., Submission]
) -> None:
    assert gradus_as(student, "accept").exit_code == ExitCode.usage
    gradus_as(student, "create", "Alpha")
    hand_in(contest, student)
    refused = gradus_as(student, "leave")
    assert (refused.exit_code, "Ask the staff" in refused.stderr) == (ExitCode.refused, True)


def test_who_was_taken_out_reads_it(
    gradus_as: Run, contest: Assignment, student: User, make_member: Callable[..., User], session: Session
) -> None:
    gradus_as(student, "create", "Alpha")
    (team,) = queries.list_teams(session, assignment=contest)
    staff = make_member("ta", Role.ta)
    service.take_member(session, team=team, login="ada", assignment=contest, staff=staff, reason="left [the] course")
    session.commit()
    shown = gradus_as(student, "show").stdout
    assert "You are in no team" in shown
    assert "took ada out of the team Alpha   left [the] course" in shown


def test_a_homework_says_that_everybody_stands_alone(gradus_as: Run, student: User, assignment: Assignment) -> None:
    assert "everybody stands alone" in gradus_as(student, "show").stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ([], None)),
        (["Beta"], ([], "Beta")),
        (["dl/contest"], (["dl/contest"], None)),
        (["contest", "a/b"], (["contest"], "a/b")),
        (["one", "two", "three"], (["one", "three"], "two")),
    ],
)
def test_a_single_word_is_a_team_unless_it_is_a_path(words: list[str], expected: tuple) -> None:
    assert split_words(words) == expected

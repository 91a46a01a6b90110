"""`gradus dates policy` against the running app: what lateness costs is shown, set in parts and given up again."""

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cli.exits import ExitCode
from server.courses.models import Role

Policy = Callable[..., Result]


@pytest.fixture
def policy(
    gradus: Callable[..., Result], sign_in: Callable[[User], None], make_member: Callable[..., User], assignment: Assignment
) -> Policy:
    """As an instructor of the course."""
    sign_in(make_member("ines", Role.instructor))
    return lambda *words: gradus("dates", "policy", *words)


def test_what_is_not_named_stays(policy: Policy) -> None:
    assert "costs nothing" in policy("dl-2026").stdout
    assert "3 grace days, then refused" in policy("dl-2026", "--kind", "grace", "--grace-days", "3").stdout
    after = policy("dl-2026", "--after-grace", "percentage", "--per-day", "20").stdout
    assert "3 grace days, then 20 % a begun day" in after
    assert json.loads(policy("dl-2026", "--json").stdout)["version"] == 2


def test_an_assignment_may_have_a_rule_of_its_own_and_give_it_up(policy: Policy) -> None:
    own = policy("dl-2026/tiny", "--kind", "percentage", "--at-least", "50")
    assert "10 % a begun day, 50 % stays at least (this assignment's own rule)" in own.stdout
    assert "costs nothing" in policy("dl-2026").stdout
    assert "own rule" not in policy("dl-2026/tiny", "--course-rule").stdout


def test_a_course_has_no_rule_to_fall_back_to(policy: Policy) -> None:
    assert policy("dl-2026", "--course-rule").exit_code is ExitCode.usage

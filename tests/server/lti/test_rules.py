"""Decisions about LTI, as properties."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.assignments.models import Counts
from server.deadlines.queries import FREE, Account, Try
from server.deadlines.rules import Dates
from server.identities.rules import BadToken
from server.lti import rules

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DATES = Dates(NOW - timedelta(days=7), NOW, NOW + timedelta(days=2))
scores = st.lists(st.none() | st.decimals(0, 100, places=2), max_size=5)
leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
junk = leaves | st.lists(leaves, max_size=3) | st.dictionaries(st.sampled_from(["id", "scope", "lineitem", "gradus"]), leaves)
NAMES = [f"{rules.CLAIM}{name}" for name in ("roles", "resource_link", "custom", "lis")] + [rules.AGS]


def account(found: list[Decimal | None]) -> Account:
    tries = [Try(n, NOW - timedelta(hours=9 - n), score, Decimal(100)) for n, score in enumerate(found)]
    return Account(1, 0, {5: DATES}, {5: []}, {5: FREE}, {5: Counts.best}, {5: tries})


@given(scores)
def test_what_is_sent_lies_between_nothing_and_everything(found: list[Decimal | None]) -> None:
    sent, graded = rules.score_to_send(account(found), 5), [each for each in found if each is not None]
    if not found:
        assert sent is None
    elif graded:
        assert sent["gradingProgress"] == "FullyGraded"
        assert 0 <= sent["scoreGiven"] == float(max(graded)) <= sent["scoreMaximum"]
    else:
        assert "scoreGiven" not in sent and sent["gradingProgress"] == "Pending"


@given(st.datetimes(timezones=st.just(UTC)), st.timedeltas(timedelta(microseconds=1), timedelta(days=30)))
def test_a_later_change_has_a_later_timestamp(at: datetime, later: timedelta) -> None:
    if at.year < 9000:
        first, second = (rules.score_message({}, subject="s", wanted_at=each)["timestamp"] for each in (at, at + later))
        assert first < second


@given(st.integers(1, 50), st.none() | st.timedeltas(timedelta(0), timedelta(hours=3)))
def test_pauses_grow_and_respect_what_the_platform_asks_for(tries: int, wait: timedelta | None) -> None:
    pause = rules.pause_after(tries, wait)
    assert pause >= (wait or timedelta(0))
    assert rules.pause_after(tries) <= rules.pause_after(tries + 1) <= rules.LONGEST_PAUSE


@given(st.dictionaries(st.sampled_from(NAMES), junk))
def test_nonsense_in_a_launch_is_refused_or_read_never_a_crash(said: dict[str, object]) -> None:
    known = {f"{rules.CLAIM}version": "1.3.0", f"{rules.CLAIM}deployment_id": "1", f"{rules.CLAIM}message_type": rules.RESOURCE}
    try:
        launch = rules.read_launch({**known, **said}, deployments=["1"])
    except BadToken:
        return
    assert launch.resource and not (launch.grading.takes_scores and not launch.grading.scopes)
    rules.person_in({"sub": "s", **said}, "lti:1")


@pytest.mark.parametrize(
    ("roles", "joins"),
    [
        (["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"], True),
        (["Learner"], True),
        (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student"], False),
        (["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner", "Instructor"], False),
        (["http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant", "Learner"], False),
        ([], False),
    ],
)
def test_only_learners_join(roles: list[str], joins: bool) -> None:
    claims = {
        f"{rules.CLAIM}version": "1.3.0", f"{rules.CLAIM}deployment_id": "1", f"{rules.CLAIM}message_type": rules.RESOURCE,
        f"{rules.CLAIM}resource_link": {"id": "r"}, f"{rules.CLAIM}roles": roles,
    }  # fmt: skip
    launch = rules.read_launch(claims, deployments=["1"])
    assert rules.may_join(launch, lets_in=True) is joins
    assert not rules.may_join(launch, lets_in=False)


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ('<https://lms.edu/items?p=2>; rel="next"', "https://lms.edu/items?p=2"),
        ('<https://lms.edu/a>; rel="prev", </items?p=3>; rel=next', "https://lms.edu/items?p=3"),
        ('<https://evil.test/items>; rel="next"', None),
        ('<http://lms.edu/items>; rel="next"', None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_pages_are_followed_only_where_the_list_came_from(link: str, found: str | None) -> None:
    assert rules.next_page({"link": link}, "https://lms.edu/items") == found

"""Who could start when, how much time is given, and what is never taken: as properties."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.exams import staff_rules as rules
from server.exams.rules import Window, ends_at
from server.exams.staff_rules import Need

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECONDS = st.integers(-100_000, 100_000)
moments = SECONDS.map(lambda seconds: NOON + timedelta(seconds=seconds))
windows = st.tuples(moments, st.integers(1, 50_000)).map(lambda each: Window(each[0], each[0] + timedelta(seconds=each[1])))


@given(windows, windows, moments, moments)
def test_what_is_not_asked_about_lets_nobody_start_earlier(before: Window, after: Window, now: datetime, later: datetime) -> None:
    """At any moment from the change on at which somebody could start by it, somebody could have started by then before."""
    moment = max(now, later)
    if not rules.is_sooner(before, after, now) and after.opens_at <= moment < after.closes_at:
        usual = rules.earliest_start(before, now)
        assert usual is not None and usual <= moment


@given(windows, moments, st.integers(0, 10_000))
def test_closing_later_is_not_asked_about_while_it_is_open(window: Window, now: datetime, more: int) -> None:
    longer = Window(window.opens_at, window.closes_at + timedelta(seconds=more))
    assert rules.is_sooner(window, longer, now) == (window.closes_at <= now < longer.closes_at)


@pytest.mark.parametrize(("opens_in", "asked"), [(599, True), (600, True), (601, False)])
def test_a_new_exam_that_opens_within_ten_minutes_is_asked_about(opens_in: int, asked: bool) -> None:
    opens_at = NOON + timedelta(seconds=opens_in)
    assert rules.is_sooner(None, Window(opens_at, opens_at + timedelta(hours=2)), NOON) is asked


@pytest.mark.parametrize(
    ("before", "after", "wider"),
    [
        ([], ["10.0.0.0/8"], False),
        (["10.0.0.0/8"], [], True),
        (["10.0.0.0/8"], ["10.20.0.0/16"], False),
        (["10.20.0.0/16"], ["10.0.0.0/8"], True),
        (["10.0.0.0/8"], ["10.1.0.0/16", "2001:db8::/32"], True),
        (["10.0.0.0/8"], ["10.0.0.0/8"], False),
    ],
)
def test_networks_are_wider_where_somebody_else_gets_in(before: list[str], after: list[str], wider: bool) -> None:
    assert rules.is_wider(before, after) is wider


def test_networks_are_read_and_each_stands_once() -> None:
    assert rules.read_networks([" 10.20.3.4/16", "", "10.20.0.0/16", "::1"]) == ["10.20.0.0/16", "::1/128"]
    with pytest.raises(ValueError, match=r"10\.20\.0/16"):
        rules.read_networks(["10.20.0/16"])


@given(st.integers(1, 1440), st.integers(1, 300))
def test_a_share_is_never_less_than_it_says(working: int, percent: int) -> None:
    seconds = rules.seconds_of(percent=percent, working_minutes=working)
    assert 0 <= seconds * 100 - working * 60 * percent < 100


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_list_that_is_imported_twice_gives_nothing_twice(stated: int, has: int) -> None:
    first = rules.still_missing_s(stated, has)
    assert has + first >= stated
    assert rules.still_missing_s(stated, has + first) == 0


@given(moments, st.integers(60, 20_000), moments, st.integers(0, 20_000), st.integers(1, 300), moments)
def test_reopening_gives_at_least_what_it_says_and_moves_no_end_to_earlier(
    started_at: datetime, working_s: int, closes_at: datetime, granted_s: int, minutes: int, now: datetime
) -> None:
    known = {"started_at": started_at, "working_s": working_s, "closes_at": closes_at}
    more = rules.reopening_s(**known, granted_s=granted_s, minutes=minutes, now=now)
    before, after = ends_at(**known, granted_s=granted_s), ends_at(**known, granted_s=granted_s + more)
    assert after >= max(before, now + timedelta(minutes=minutes))
    assert more == 0 or after < now + timedelta(minutes=minutes, seconds=1)


@pytest.mark.parametrize(("left_s", "may"), [(299, False), (300, True), (-1, False)])
def test_a_mistake_stays_where_less_than_five_minutes_would_be_left(left_s: int, may: bool) -> None:
    assert rules.may_take_back(end_without=NOON + timedelta(seconds=left_s), now=NOON) is may


def test_who_asks_to_move_comes_first() -> None:
    calm = {"waiting": 0, "missed": 0, "is_away": False, "changes": 0, "delay_s": None, "fair_wait_s": 20}
    assert rules.needs_of(**calm) == ()
    many = rules.needs_of(**calm | {"waiting": 1, "is_away": True, "delay_s": 21.0, "changes": 2, "missed": 1})
    assert many == tuple(Need)
    assert rules.needs_of(**calm | {"delay_s": 20.0}) == ()
    assert rules.urgency(many) < rules.urgency((Need.away,)) < rules.urgency(())

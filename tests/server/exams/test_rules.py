"""Exam time: edges to the second, and that nothing ever takes time away."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.exams import rules
from server.exams.rules import Phase, Span, Window

NINE = datetime(2026, 6, 20, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WINDOW = Window(NINE, NINE + timedelta(hours=2))
moments = st.datetimes(datetime(2026, 6, 20, 8), datetime(2026, 6, 20, 14), timezones=st.just(UTC))
seconds = st.integers(0, 4 * 3600)


@pytest.mark.parametrize(
    ("now", "may"),
    [
        (WINDOW.opens_at - SECOND, False),
        (WINDOW.opens_at, True),
        (WINDOW.closes_at - SECOND, True),
        (WINDOW.closes_at, False),
        (WINDOW.closes_at + SECOND, False),
    ],
)
def test_one_starts_from_the_opening_until_just_before_the_close(now: datetime, may: bool) -> None:
    assert rules.may_start(WINDOW, now) is may


@pytest.mark.parametrize(("late_s", "over"), [(-1, False), (0, True), (1, True)])
def test_at_the_second_of_the_end_it_is_over(late_s: int, over: bool) -> None:
    end = rules.ends_at(started_at=NINE, working_s=3600, closes_at=WINDOW.closes_at, granted_s=0)
    assert rules.is_over(end, end + late_s * SECOND) is over


@given(started_at=moments, working_s=seconds, closes_at=moments, granted_s=seconds, more=seconds)
def test_what_is_granted_comes_on_top_whole(
    started_at: datetime, working_s: int, closes_at: datetime, granted_s: int, more: int
) -> None:
    known = {"started_at": started_at, "working_s": working_s, "closes_at": closes_at}
    end = rules.ends_at(**known, granted_s=granted_s)
    assert rules.ends_at(**known, granted_s=granted_s + more) - end == timedelta(seconds=more)
    assert rules.ends_at(**known | {"closes_at": closes_at + timedelta(seconds=more)}, granted_s=granted_s) >= end


@given(began=moments, ended=moments, started_at=moments, working_s=st.integers(1, 4 * 3600))
def test_with_what_an_outage_gives_back_there_is_as_much_time_outside_it_as_without_it(
    began: datetime, ended: datetime, started_at: datetime, working_s: int
) -> None:
    outage, end = Span(min(began, ended), max(began, ended)), started_at + timedelta(seconds=working_s)
    credit = rules.outage_credit_s(outage, started_at=started_at, end=end)
    new_end = end + timedelta(seconds=credit)
    inside = (min(outage.ended_at, new_end) - max(outage.began_at, started_at)).total_seconds()
    outside = (new_end - started_at).total_seconds() - max(0.0, inside)
    assert working_s <= outside < working_s + 1
    assert 0 <= credit < (outage.ended_at - outage.began_at).total_seconds() + 1


@pytest.mark.parametrize(
    ("began_s", "ended_s", "credit"),
    [(-60, -1, 0), (-60, 0, 0), (-60, 30, 30), (100, 400, 300), (3500, 3800, 300), (3599.5, 3700, 101), (3600, 9000, 0)],
)
def test_a_sitting_of_an_hour_stands_still_in_an_outage_that_begins_before_its_end(
    began_s: float, ended_s: float, credit: int
) -> None:
    outage = Span(NINE + began_s * SECOND, NINE + ended_s * SECOND)
    assert rules.outage_credit_s(outage, started_at=NINE, end=NINE + timedelta(hours=1)) == credit


@given(given_s=st.lists(st.integers(-3600, 3600)))
def test_what_was_taken_back_never_takes_more_than_was_given(given_s: list[int]) -> None:
    assert rules.total_s(given_s) == max(0, sum(given_s))


@pytest.mark.parametrize(
    ("end", "is_handed_in", "is_released", "is_practice", "now", "phase"),
    [
        (None, False, False, False, NINE - SECOND, Phase.before),
        (None, False, False, False, NINE, Phase.open),
        (None, False, False, False, WINDOW.closes_at, Phase.missed),
        (NINE + timedelta(hours=1), False, False, False, NINE + SECOND, Phase.running),
        (NINE + timedelta(hours=1), True, False, False, NINE + SECOND, Phase.handed_in),
        (NINE + timedelta(hours=1), True, True, False, NINE + timedelta(days=1), Phase.released),
        (NINE + timedelta(hours=1), True, False, True, NINE + timedelta(minutes=90), Phase.open),
        (NINE + timedelta(hours=1), True, True, True, NINE + timedelta(minutes=90), Phase.open),
    ],
)
def test_where_a_student_stands(
    end: datetime | None, is_handed_in: bool, is_released: bool, is_practice: bool, now: datetime, phase: Phase
) -> None:
    flags = {"is_handed_in": is_handed_in, "is_released": is_released, "is_practice": is_practice}
    assert rules.phase_of(WINDOW, end=end, **flags, now=now) is phase


@pytest.mark.parametrize(
    ("address", "networks", "allowed"),
    [
        ("10.1.2.3", [], True),
        ("10.1.2.3", ["10.1.0.0/16"], True),
        ("10.2.2.3", ["10.1.0.0/16"], False),
        ("10.2.2.3", ["10.1.0.0/16", "10.2.2.3"], True),
        ("::ffff:10.1.2.3", ["10.1.0.0/16"], True),
        ("2001:db8::1", ["2001:db8::/32"], True),
        ("2001:db8::1", ["10.0.0.0/8"], False),
        ("testclient", ["10.0.0.0/8"], False),
    ],
)
def test_networks(address: str, networks: list[str], allowed: bool) -> None:
    assert rules.is_allowed_from(address, networks) is allowed

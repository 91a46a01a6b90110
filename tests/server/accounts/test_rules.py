"""A wrong password slows the next try down; it never shuts anybody out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.accounts.rules import (
    FAILURES_PER_LOGIN,
    FAILURES_PER_PLACE,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    Failures,
    Place,
    TooManyFailures,
    check_may_try,
    pause_end,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NONE = Failures(0, None)
STRANGER, KNOWN = Place("192.0.2.7"), Place("browser x", is_known=True)
counts = st.integers(1, 10**9)


def pause(count: int, free: int = FAILURES_PER_PLACE) -> timedelta:
    return (pause_end(Failures(count, NOW), free) or NOW) - NOW


@given(counts, counts, st.sampled_from([STRANGER, KNOWN]))
def test_after_the_longest_pause_anybody_may_try_again(here: int, anywhere: int, place: Place) -> None:
    check_may_try(place, from_here=Failures(here, NOW), from_anywhere=Failures(anywhere, NOW), now=NOW + LONGEST_PAUSE)


@given(counts)
def test_what_others_type_does_not_slow_a_known_browser_down(anywhere: int) -> None:
    check_may_try(KNOWN, from_here=NONE, from_anywhere=Failures(anywhere, NOW), now=NOW)


@given(counts)
def test_a_pause_never_gets_shorter_by_one_more_mistake(count: int) -> None:
    assert pause(count) <= pause(count + 1) <= LONGEST_PAUSE


def test_pauses_begin_after_a_few_mistakes_and_double() -> None:
    assert [pause(FAILURES_PER_PLACE + more) for more in (-1, 0, 1, 2, 3, 4)] == [
        timedelta(), FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE,
    ]  # fmt: skip


def test_many_addresses_that_guess_together_are_slowed_down_as_well() -> None:
    guessed = Failures(FAILURES_PER_LOGIN, NOW)
    with pytest.raises(TooManyFailures) as refused:
        check_may_try(STRANGER, from_here=NONE, from_anywhere=guessed, now=NOW + timedelta(seconds=1))
    assert refused.value.headers["Retry-After"] == "14"

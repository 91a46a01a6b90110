"""Points and draws, as properties."""

import hashlib
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.participation import rules
from server.participation.rules import Candidate, draw_one, points_of

cents = st.integers(0, 10_000).map(lambda number: Decimal(number) / 100)
noted = st.lists(cents, max_size=12)
mosts = st.integers(1, 500).map(lambda number: Decimal(number) / 10)
seeds = st.text("abcdef0123456789", min_size=1, max_size=16)
pools = st.lists(st.integers(0, 3), min_size=1, max_size=12).map(
    lambda times: [Candidate(f"s{place}", each) for place, each in enumerate(times)]
)


@given(noted, mosts)
def test_what_counts_stays_within_0_and_the_most(values: list[Decimal], most: Decimal) -> None:
    points = points_of(values, most=most)
    assert 0 <= points.counted <= most and points.counted <= points.earned == sum(values, Decimal())


@given(noted, mosts, cents)
def test_one_more_note_never_lowers_it(values: list[Decimal], most: Decimal, more: Decimal) -> None:
    assert points_of([*values, more], most=most).counted >= points_of(values, most=most).counted


@given(pools, seeds, st.randoms())
def test_who_was_drawn_least_comes_first_whatever_the_order(pool: list[Candidate], seed: str, random) -> None:
    drawn = draw_one(pool, seed=seed)
    assert drawn.times_drawn == min(each.times_drawn for each in pool)
    assert draw_one(random.sample(pool, len(pool)), seed=seed) == drawn


@given(st.integers(1, 10), st.lists(seeds, min_size=10, max_size=10))
def test_everybody_is_drawn_before_anybody_is_drawn_twice(n: int, many_seeds: list[str]) -> None:
    pool = [Candidate(f"s{place}", 0) for place in range(n)]
    for seed in many_seeds[:n]:
        drawn = draw_one(pool, seed=seed)
        pool = [replace(each, times_drawn=each.times_drawn + (each == drawn)) for each in pool]
    assert {each.times_drawn for each in pool} == {1}


def test_a_draw_is_what_a_shell_gives_and_nobody_cannot_be_drawn() -> None:
    logins = ["ada", "bob", "cleo"]
    first = min(logins, key=lambda login: hashlib.sha256(f"5eed:{login}".encode()).hexdigest())
    assert draw_one([Candidate(login, 2) for login in logins], seed="5eed").login == first
    with pytest.raises(rules.NobodyPresent):
        draw_one([], seed="5eed")


@pytest.mark.parametrize("value", ["-1", "101", "NaN", "Infinity"])
def test_points_are_a_number_within_reason(value: str) -> None:
    with pytest.raises(rules.BadPoints):
        rules.check_points(Decimal(value))

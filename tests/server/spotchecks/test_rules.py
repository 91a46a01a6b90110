"""The lot, as properties: fair over time, by section, the same again from the same seed."""

import hashlib
import math
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.spotchecks.rules import BadSeed, Candidate, check_seed, draw_sample, share_out

seeds = st.text("abcdef0123456789", min_size=1, max_size=16)
per_sections = st.integers(1, 5)


@st.composite
def pools(draw: st.DrawFn) -> list[Candidate]:
    sizes = draw(st.dictionaries(st.sampled_from(["", "A", "B", "班"]), st.integers(1, 12), min_size=1))
    return [
        Candidate(f"{section}{n}", section, draw(st.integers(0, 3)), draw(st.booleans()))
        for section, size in sizes.items()
        for n in range(size)
    ]


@given(pools(), seeds, per_sections)
def test_each_section_gives_its_share_and_only_of_who_has_handed_in(pool: list[Candidate], seed: str, k: int) -> None:
    drawn = draw_sample(pool, seed=seed, per_section=k)
    there = Counter(each.section for each in pool if each.handed_in)
    assert Counter(each.section for each in drawn) == {section: min(k, n) for section, n in there.items()}
    assert all(each.handed_in for each in drawn) and len(set(drawn)) == len(drawn)


@given(pools(), seeds, per_sections)
def test_nobody_waits_while_somebody_is_drawn_more_often(pool: list[Candidate], seed: str, k: int) -> None:
    drawn = set(draw_sample(pool, seed=seed, per_section=k))
    for section in {each.section for each in drawn}:
        inside = [each.times_drawn for each in drawn if each.section == section]
        outside = [each.times_drawn for each in pool if each.section == section and each.handed_in and each not in drawn]
        assert max(inside) <= min(outside, default=math.inf)


@given(pools(), seeds, per_sections, st.randoms())
def test_the_order_of_the_pool_changes_nothing(pool: list[Candidate], seed: str, k: int, random) -> None:
    shuffled = random.sample(pool, len(pool))
    assert draw_sample(shuffled, seed=seed, per_section=k) == draw_sample(pool, seed=seed, per_section=k)


@given(st.integers(1, 20), per_sections, st.lists(seeds, min_size=20, max_size=20))
def test_everybody_is_drawn_once_before_anybody_is_drawn_twice(n: int, k: int, many_seeds: list[str]) -> None:
    """n students, k at a time, whatever the seeds: after ceil(n / k) draws all were drawn, and before it none twice."""
    pool = [Candidate(f"s{number}", "A", 0) for number in range(n)]
    needed = math.ceil(n / k)
    for turn, seed in enumerate(many_seeds[:needed], start=1):
        drawn = {each.login for each in draw_sample(pool, seed=seed, per_section=k)}
        pool = [replace(each, times_drawn=each.times_drawn + (each.login in drawn)) for each in pool]
        if turn * k <= n:
            assert max(each.times_drawn for each in pool) == 1
    assert min(each.times_drawn for each in pool) == 1


def test_another_seed_draws_others() -> None:
    pool = [Candidate(f"s{number}", "A", 0) for number in range(40)]
    samples = {tuple(each.login for each in draw_sample(pool, seed=f"{n}", per_section=5)) for n in range(20)}
    assert len(samples) == 20


def test_over_many_seeds_everybody_is_as_likely() -> None:
    pool = [Candidate(f"s{number}", "A", 0) for number in range(10)]
    counts = Counter(each.login for n in range(2000) for each in draw_sample(pool, seed=f"{n}", per_section=3))
    assert all(500 < counts[each.login] < 700 for each in pool), counts  # 600 expected, its deviation is 20


def test_a_ticket_is_what_a_shell_prints() -> None:
    pool = [Candidate(login, "", 0) for login in ("ada", "bob", "cleo")]
    first = min(("ada", "bob", "cleo"), key=lambda login: hashlib.sha256(f"5eed:{login}".encode()).hexdigest())
    assert [each.login for each in draw_sample(pool, seed="5eed", per_section=1)] == [first]


def test_readers_take_turns() -> None:
    assert share_out(["a", "b"], 5) == ["a", "b", "a", "b", "a"]
    assert share_out([], 2) == [None, None]


@pytest.mark.parametrize("seed", ["", "a b", "ü", "x" * 65, "a:b"])
def test_a_seed_is_a_word(seed: str) -> None:
    with pytest.raises(BadSeed):
        check_seed(seed) if seed else check_seed(" ")

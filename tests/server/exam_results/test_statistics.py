"""Facility and discrimination, against what they have to be whatever the points are."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.exam_results.moderation import draw_sample
from server.exam_results.statistics import FEWEST, correlation, item_statistics

NUMBERS = st.lists(st.integers(0, 20), min_size=2, max_size=40)
PAPERS = st.lists(st.fixed_dictionaries({"a": st.integers(0, 4), "b": st.integers(0, 6), "c": st.integers(0, 3)}), max_size=40)


def as_points(papers: list[dict[str, int]]) -> list[dict[str, Decimal]]:
    return [{name: Decimal(value) for name, value in each.items()} for each in papers]


@given(PAPERS)
def test_everybody_is_counted_once_and_facility_is_a_share(papers: list[dict[str, int]]) -> None:
    found = item_statistics("a", Decimal(4), as_points(papers))
    assert found.full + found.part + found.none == found.count == len(papers)
    assert found.facility is None if not papers else 0 <= found.facility <= 1


@given(PAPERS)
def test_an_item_is_correlated_with_the_rest_and_not_with_itself(papers: list[dict[str, int]]) -> None:
    found = item_statistics("a", Decimal(4), as_points(papers))
    rest = [float(each["b"] + each["c"]) for each in papers]
    expected = correlation([float(each["a"]) for each in papers], rest) if len(papers) >= FEWEST else None
    assert found.discrimination == (None if expected is None else pytest.approx(expected))


@given(NUMBERS, st.integers(1, 9), st.integers(-5, 5))
def test_a_correlation_does_not_hang_on_the_scale(values: list[int], factor: int, shift: int) -> None:
    other = [(7 * place) % 11 for place in range(len(values))]
    before = correlation([float(each) for each in values], [float(each) for each in other])
    after = correlation([float(factor * each + shift) for each in values], [float(each) for each in other])
    assert after == (None if before is None else pytest.approx(before, abs=1e-9))


@given(NUMBERS)
def test_with_itself_it_is_one_and_with_its_opposite_minus_one(values: list[int]) -> None:
    own = [float(each) for each in values]
    if len(set(values)) == 1:
        assert correlation(own, own) is None
    else:
        assert correlation(own, own) == pytest.approx(1)
        assert correlation(own, [-each for each in own]) == pytest.approx(-1)


def test_right_and_wrong_give_the_point_biserial_correlation() -> None:
    """Worked by hand: means 8 and 4 of the rest, its deviation 2.828 (population), half of them right."""
    right, rest = [1.0, 1.0, 0.0, 0.0], [10.0, 6.0, 2.0, 6.0]
    by_hand = (8 - 4) / 8**0.5 * (0.5 * 0.5) ** 0.5
    assert correlation(right, rest) == pytest.approx(by_hand)


def test_an_item_in_which_the_strong_fail_is_pointed_at() -> None:
    papers = [{"a": Decimal(4 - n), "b": Decimal(n)} for n in range(5)]
    assert item_statistics("a", Decimal(4), papers).is_suspicious
    assert not item_statistics("b", Decimal(4), [{"b": each["b"], "c": each["b"]} for each in papers]).is_suspicious


def test_who_has_no_points_in_an_item_is_not_counted_in_it() -> None:
    found = item_statistics("a", Decimal(4), [{"a": Decimal(4), "b": Decimal(1)}, {"b": Decimal(1)}])
    assert (found.count, found.facility) == (1, 1.0)


@given(st.sets(st.integers(1, 500), min_size=1), st.integers(1, 100), st.text("0123456789abcdef", min_size=1, max_size=16))
def test_a_sample_is_a_share_of_the_pool_and_drawn_again_by_its_seed(pool: set[int], percent: int, seed: str) -> None:
    keys = sorted(pool)
    found = draw_sample(keys, percent=percent, seed=seed)
    assert len(found) == -(-len(keys) * percent // 100) >= 1
    assert set(found) <= pool
    assert draw_sample(list(reversed(keys)), percent=percent, seed=seed) == found

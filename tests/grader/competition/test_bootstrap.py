"""The interval holds what it promises, and comparing is paired."""

import numpy as np
import pytest

from grader.competition import bootstrap


def draw(probability: float, count: int, seed: int) -> np.ndarray:
    return (np.random.default_rng(seed).random(count) < probability).astype(np.float32)


def test_the_interval_holds_the_true_value_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(200):
        low, high = bootstrap.interval(bootstrap.replicates(draw(0.8, 400, seed), 1, np.asarray))
        held += low <= 0.8 <= high
    assert 180 <= held <= 199


def test_the_same_seed_gives_the_same_resamples() -> None:
    items = draw(0.7, 300, 3)
    assert np.array_equal(bootstrap.replicates(items, 5, np.asarray), bootstrap.replicates(items, 5, np.asarray))
    assert not np.array_equal(bootstrap.replicates(items, 5, np.asarray), bootstrap.replicates(items, 6, np.asarray))


@pytest.mark.parametrize("direction", ["max", "min"])
def test_few_items_all_for_the_same_side_are_enough_because_it_is_paired(direction: str) -> None:
    """One of the two is right about 12 items more: far within both intervals, and yet certain."""
    worse = draw(0.8, 1000, 1)
    better = worse.copy()
    better[np.flatnonzero(worse == 0)[:12]] = 1
    first, second = (bootstrap.replicates(items, 1, np.asarray) for items in (better, worse))
    one, other = (first, second) if direction == "max" else (second, first)
    assert bootstrap.interval(second)[1] > float(better.mean())
    assert bootstrap.is_better(one, other, direction) and not bootstrap.is_better(other, one, direction)


def test_nobody_is_better_than_himself_nor_by_chance() -> None:
    items, others = draw(0.8, 1000, 1), draw(0.8, 1000, 2)
    same, other = (bootstrap.replicates(values, 1, np.asarray) for values in (items, others))
    assert not bootstrap.is_better(same, same, "max")
    assert not bootstrap.is_better(same, other, "max") and not bootstrap.is_better(other, same, "max")

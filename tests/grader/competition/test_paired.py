"""The paired test agrees with the paired bootstrap that it stands for."""

import numpy as np
import pytest

from grader.competition import bootstrap
from grader.competition.items import pack
from grader.competition.paired import beats


def pair(seed: int, gain: float) -> tuple[np.ndarray, np.ndarray]:
    """Two that are right about mostly the same 800 items."""
    rng = np.random.default_rng(seed)
    ease = rng.random(800)
    return tuple((ease + 0.1 * rng.standard_normal(800) < skill).astype(np.float32) for skill in (0.8 + gain, 0.8))


def both(one: np.ndarray, other: np.ndarray, direction: str) -> tuple[bool, bool]:
    drawn = [bootstrap.replicates(items, 1, np.asarray) for items in (one, other)]
    return beats(pack(one), pack(other), direction), bootstrap.is_better(*drawn, direction)


@pytest.mark.parametrize(("gain", "agree"), [(0.0, 36), (0.02, 34), (0.06, 40)])
def test_it_says_what_the_bootstrap_says_but_at_the_border(gain: float, agree: int) -> None:
    found = [both(*pair(seed, gain), "max") for seed in range(40)]
    assert sum(one == other for one, other in found) >= agree
    assert sum(one for one, _ in found) >= {0.0: 0, 0.02: 5, 0.06: 40}[gain]


def test_where_less_is_better_the_other_one_wins() -> None:
    one, other = pair(1, gain=0.06)
    assert both(one, other, "min") == (False, False) and both(other, one, "min") == (True, True)


def test_of_equals_neither_beats_the_other_and_chance_rarely_does() -> None:
    one, other = pair(1, gain=0)
    assert not beats(pack(one), pack(one), "max")
    wins = sum(beats(*map(pack, pair(seed, gain=0)), "max") for seed in range(400))
    assert wins <= 22
    assert not (beats(pack(one), pack(other), "max") and beats(pack(other), pack(one), "max"))


def test_one_item_alone_is_not_enough() -> None:
    worse = np.ones(500, dtype=np.float32)
    worse[3] = 0
    assert not beats(pack(np.ones(500, dtype=np.float32)), pack(worse), "max")

"""Random inputs: the same for the same seed, different for different ones."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.randomness import Randomness

seeds = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(seeds, st.text(max_size=10))
def test_the_same_seed_and_check_give_the_same_draws(seed: str, check: str) -> None:
    one, other = Randomness(seed, check), Randomness(seed, check)
    for draw in (lambda r: r.randn(3, 2), lambda r: r.randint(0, 9, (4,)), lambda r: r.permutation(6), lambda r: r.rand(2)):
        assert torch.equal(draw(one), draw(other))
    assert one.choice("abcdef") == other.choice("abcdef")
    assert one.seed_for("split") == other.seed_for("split")


@given(seeds)
def test_checks_and_draws_differ_from_each_other(seed: str) -> None:
    one, other = Randomness(seed, "one"), Randomness(seed, "other")
    first = one.randn(4)
    assert not torch.equal(first, other.randn(4))
    assert not torch.equal(first, one.randn(4))


@given(seeds)
def test_a_draw_does_not_depend_on_the_size_of_an_earlier_one(seed: str) -> None:
    one, other = Randomness(seed, "check"), Randomness(seed, "check")
    one.randn(1), other.randn(1000)
    assert torch.equal(one.randn(5), other.randn(5))


@given(seeds, st.integers(-50, 50), st.integers(1, 20))
def test_integers_stay_below_the_upper_end(seed: str, low: int, width: int) -> None:
    drawn = [Randomness(seed, str(n)).integer(low, low + width) for n in range(20)]
    assert all(low <= value < low + width for value in drawn)


def test_dtypes_and_a_generator_of_ones_own() -> None:
    random = Randomness("00" * 32, "check")
    assert random.randn(2, dtype=torch.float64).dtype is torch.float64
    assert random.randn().shape == ()
    assert random.generator is random.generator

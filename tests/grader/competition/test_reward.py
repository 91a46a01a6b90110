"""Points rise with the result, meet the cut-offs exactly, and never exceed 100."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.competition.manifest import Competition, Reward
from grader.competition.reward import points

BASELINES = {"trivial": 0.2, "linear": 0.6, "reference": 0.8}
REWARD = Reward(
    minimum=40,
    cutoffs=[
        {"at": "trivial", "points": 10}, {"at": "linear", "points": 60},
        {"at": "reference", "points": 85}, {"at": 0.9, "points": 98},
    ],
    top=[5, 3],
)  # fmt: skip


def earned(value: float, rank: int | None = None, direction: str = "max") -> Decimal:
    sign = 1 if direction == "max" else -1
    reached = {id: sign * at for id, at in BASELINES.items()}
    reward = REWARD if sign == 1 else REWARD.model_copy(update={"cutoffs": [*REWARD.cutoffs[:3]]})
    return points(sign * value, rank, reward=reward, baselines=reached, direction=direction).total


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.1, 0), (0.2, 10), (0.21, 40), (0.6, 60), (0.7, 72.5), (0.8, 85), (0.85, 91.5), (0.9, 98), (1.0, 98)],
)
def test_cutoffs_lines_and_the_minimum(value: float, expected: float) -> None:
    assert earned(value) == Decimal(str(expected))


def test_where_less_is_better_everything_is_turned_round() -> None:
    assert [earned(value, direction="min") for value in (0.1, 0.6, 0.7, 0.8)] == [0, 60, Decimal("72.5"), 85]


def test_a_place_adds_its_bonus_but_never_over_100() -> None:
    assert (earned(0.8, 1), earned(0.8, 2), earned(0.8, 3)) == (90, 88, 85)
    assert earned(0.95, 1) == 100
    assert earned(0.1, 1) == 0


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([None, 1, 2, 3]))
def test_a_better_result_never_earns_less(one: float, other: float, rank: int | None) -> None:
    assert earned(min(one, other), rank) <= earned(max(one, other), rank)


def test_a_baseline_that_nobody_has_measured_yet_is_no_cutoff() -> None:
    known = {"linear": 0.6}
    seen = [points(value, 1, reward=REWARD, baselines=known, direction="max").total for value in (0.5, 0.6, 0.75, 0.95)]
    assert seen == [0, 65, 84, 100]
    only = REWARD.model_copy(update={"cutoffs": REWARD.cutoffs[:1]})
    assert points(0.9, 1, reward=only, baselines={}, direction="max").total == 0


def test_a_cutoff_names_a_baseline_that_exists() -> None:
    named = {"id": "trivial", "title": {"en": "Most frequent class", "zh": "最常见的类"}}
    with pytest.raises(ValueError, match="no baseline 'linaer'"):
        Competition(baselines=[named], reward={"cutoffs": [{"at": "linaer", "points": 5}]})

"""A short soak in the suite; `make soak` is the long one."""

import pytest

from grader.sandbox.base import GraderFailure
from tests.attacks.combinations import COMBINATIONS, Combination
from tests.attacks.soak import Soaked, shares, soak, too_large

SEED = 20261123
WARM = [combination for combination in COMBINATIONS if str(combination) == "bubblewrap fork"]


@pytest.mark.sandbox
@pytest.mark.parametrize("combination", WARM, ids=str)
def test_honest_work_among_hostile_work_gets_the_score_it_gets_alone_and_nothing_is_left(combination: Combination) -> None:
    try:
        soaked, left = soak(combination, 30, SEED)
    except GraderFailure as failure:
        if combination.required():
            raise
        pytest.skip(f"no {combination} here: {failure}")
    assert soaked.counts["honest"] >= 8 and soaked.counts["hostile"] >= 8
    assert [*soaked.wrong, *left, *too_large(soaked)] == []


def test_every_submission_of_a_soak_goes_somewhere() -> None:
    assert {str(combination): count for combination, count in shares(2000, COMBINATIONS)} == {
        "bubblewrap fork": 960, "bubblewrap fresh": 40, "docker fork": 960, "docker fresh": 40,
    }  # fmt: skip


def test_a_judge_that_grows_is_noticed() -> None:
    flat, growing = (Soaked(WARM[0], memory=[100 + step * slope for step in range(100)]) for slope in (0, 1))
    assert too_large(flat) == [] and too_large(growing)

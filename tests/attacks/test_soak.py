"""A short soak in the suite; `make soak` is the long one."""

import os
import random
from collections import Counter

import pytest

from grader.sandbox.base import GraderFailure, Isolation
from tests.attacks.corpus import attacks
from tests.attacks.soak import SLOW, Soaked, plan, soak

SEED = 20261123
KINDS = [  # backend, the word in GRADUS_REQUIRE, how many: 30 in all
    pytest.param("bubblewrap", "sandbox", 20, marks=pytest.mark.sandbox, id="bubblewrap"),
    pytest.param("docker", "docker", 10, marks=pytest.mark.docker, id="docker"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("backend", "word", "count"), KINDS)
def test_honest_work_among_hostile_work_gets_the_score_it_gets_alone_and_nothing_is_left(
    backend: str, word: str, count: int
) -> None:
    try:
        soaked = soak(backend, count, SEED)
    except GraderFailure as failure:
        if word in os.environ.get("GRADUS_REQUIRE", ""):
            raise
        pytest.skip(f"no {backend} here: {failure}")
    assert soaked.counts.total() == count
    assert soaked.problems() == []


@pytest.mark.parametrize("count", [30, 1000])
def test_a_soak_has_a_fixed_share_of_everything(count: int) -> None:
    planned = plan(count, random.Random(1))
    assert len(planned) == count
    assert sum(each.expected is not None for each in planned) == count // 2
    assert sum(each.program in SLOW for each in planned) == max(1, round(count / 24))
    assert sum(each.isolation is Isolation.fresh for each in planned) == count // 10


def test_every_program_takes_its_turn_in_a_long_soak() -> None:
    programs = {attack.file for attack in attacks() if "control" not in attack.rows}
    assert SLOW <= programs <= {each.program for each in plan(1000, random.Random(1))}


def test_a_worker_that_grows_and_what_it_leaves_are_noticed() -> None:
    flat, growing = (Soaked("bubblewrap", memory=[100 + step * slope for step in range(100)]) for slope in (0, 1))
    assert flat.problems() == [] and growing.problems()
    assert Soaked("docker", left=Counter(containers=1)).problems() == ["docker: 1 containers left"]

"""Every attack program gets the verdict it states and leaves nothing behind.

Of every three programs one: every other in bubblewrap, its first variant, the others in Docker, their last. With
GRADUS_THOROUGH=1, as in CI, all of them, each on both. On either, one in ten in a single-use sandbox, which takes seconds to
start. `make attacks` tries all variants on all four kinds.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from grader.protocol import Outcome, Report
from grader.sandbox.mounts import ENVIRONMENT
from tests.attacks.combinations import COMBINATIONS, Combination
from tests.attacks.conftest import MARKS
from tests.attacks.corpus import Attack, attack_named, attacks
from tests.attacks.trial import Recorder, Trial
from tests.thorough import THOROUGH, one_in

PROGRAMS = list(dict.fromkeys(attack.file for attack in attacks()))
FRESH_EVERY = 10
CORRECT = attack_named("control_correct").source


def pairs() -> Iterator[tuple[Attack, Combination]]:
    """Who is tried where: a fixed rotation, in which no program and no kind of sandbox goes without."""
    last = {attack.file: attack for attack in attacks()}
    first = {attack.file: attack for attack in reversed(attacks())}
    for number, program in enumerate(PROGRAMS):
        in_docker = number % 2 == 1
        if THOROUGH or not in_docker:
            yield first[program], Combination("bubblewrap", "fresh" if number % FRESH_EVERY == 0 else "fork")
        if THOROUGH or in_docker:
            yield last[program], Combination("docker", "fresh" if number % FRESH_EVERY == FRESH_EVERY // 2 else "fork")


def cases() -> list[object]:
    """One in three is odd, so that none of the four kinds goes without."""
    return one_in(3, [pytest.param(attack, where, id=f"{attack.name}-{where}", marks=MARKS[where]) for attack, where in pairs()])


@pytest.mark.parametrize(("attack", "combination"), cases())
def test_an_attack_gets_the_verdict_it_states_and_harms_nobody(
    attack: Attack, combination: Combination, trials: Callable[[Combination], Trial]
) -> None:
    assert trials(combination).surprises(attack) == []


def test_every_program_is_tried_and_every_kind_of_sandbox_has_its_share() -> None:
    assert Counter(attack.file for attack, _ in pairs()) == dict.fromkeys(PROGRAMS, 2 if THOROUGH else 1)
    kinds = Counter(where for _, where in pairs())
    assert set(kinds) == set(COMBINATIONS) and min(kinds.values()) >= len(PROGRAMS) // FRESH_EVERY
    backends = Counter(where.backend for _, where in pairs())
    assert max(backends.values()) - min(backends.values()) <= 1


@pytest.mark.sandbox
def test_the_controls_tell_right_from_wrong(grade: Callable[..., Report]) -> None:
    assert grade(CORRECT).score == 100
    assert {result.outcome for result in grade(attack_named("control_wrong").source).checks} == {Outcome.failed}


@pytest.mark.sandbox
def test_environment_and_descriptors_inside_are_those_we_chose(grade: Callable[..., Report], recorder: Recorder) -> None:
    grade(attack_named("dumps_the_environment").source)
    set_by_libraries = {"PWD", "TORCHINDUCTOR_CACHE_DIR"}
    assert set(re.findall(r"variable (\w+)", recorder.printed)) - set_by_libraries == {*ENVIRONMENT}
    assert set(re.findall(r"descriptor (\d+) (?!/proc)", recorder.printed)) == {"0", "1", "2", "3"}


@pytest.mark.sandbox
def test_the_probes_that_look_for_secrets_do_look(grade: Callable[..., Report], recorder: Recorder) -> None:
    grade(attack_named("reads_every_file").source)
    assert int(re.search(r"files read: (\d+)", recorder.printed)[1]) > 1000

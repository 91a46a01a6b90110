"""Every attack program gets the verdict it states and leaves nothing behind.

One variant of each in bubblewrap, of every third in Docker; `make attacks` tries all on all, the single-use sandboxes too.
"""

import re
from collections.abc import Callable

import pytest

from grader.protocol import Outcome, Report
from grader.sandbox.mounts import ENVIRONMENT
from tests.attacks.combinations import COMBINATIONS, Combination
from tests.attacks.corpus import Attack, attack_named, attacks
from tests.attacks.trial import Recorder, Trial

BUBBLEWRAP, DOCKER = (combination for combination in COMBINATIONS if combination.isolation == "fork")
ALL = attacks()
FIRST = list({attack.file: attack for attack in reversed(ALL)}.values())[::-1]  # one of each program
PAIRS = [(attack, BUBBLEWRAP) for attack in FIRST] + [(attack, DOCKER) for attack in FIRST[::3]]
CORRECT = attack_named("control_correct").source


def cases() -> list[object]:
    marks = {"bubblewrap": pytest.mark.sandbox, "docker": pytest.mark.docker}
    return [pytest.param(attack, where, id=f"{attack.name}-{where}", marks=marks[where.backend]) for attack, where in PAIRS]


@pytest.mark.parametrize(("attack", "combination"), cases())
def test_an_attack_gets_the_verdict_it_states_and_harms_nobody(
    attack: Attack, combination: Combination, trials: Callable[[Combination], Trial]
) -> None:
    assert trials(combination).surprises(attack) == []


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

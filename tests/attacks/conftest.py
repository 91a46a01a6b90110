"""Real sandboxes of every kind, a small assignment to aim at, and planted words that nobody inside may ever see."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from grader.protocol import Report
from grader.sandbox.base import GraderFailure, Sandbox
from tests.attacks.combinations import COMBINATIONS, Combination
from tests.attacks.trial import Recorder, Trial, planted

BUBBLEWRAP = COMBINATIONS[0]
NEEDS = {"bubblewrap": pytest.mark.sandbox, "docker": pytest.mark.docker}
MARKS = {c: [NEEDS[c.backend], pytest.mark.xdist_group(f"attacks {c}")] for c in COMBINATIONS}  # one process warms each kind


@pytest.fixture(scope="session", autouse=True)
def _canaries() -> Iterator[None]:
    with planted():
        yield


@pytest.fixture(scope="session")
def opened() -> Iterator[Callable[[Combination], Sandbox]]:
    """Opens each kind of sandbox once, as a worker would; a kind that this machine lacks skips, unless it is required."""
    sandboxes: dict[Combination, Sandbox | GraderFailure] = {}
    stack = ExitStack()

    def opened(combination: Combination) -> Sandbox:
        if combination not in sandboxes:
            try:
                sandboxes[combination] = combination.open()
                stack.callback(sandboxes[combination].close)
            except GraderFailure as failure:
                if combination.required():
                    raise
                sandboxes[combination] = failure
        if isinstance(sandboxes[combination], GraderFailure):
            pytest.skip(f"no {combination} here: {sandboxes[combination]}")
        return sandboxes[combination]

    with stack:
        yield opened


@pytest.fixture(scope="session")
def trials(opened: Callable[[Combination], Sandbox]) -> Callable[[Combination], Trial]:
    made: dict[Combination, Trial] = {}

    def trial(combination: Combination) -> Trial:
        sandbox = opened(combination)
        if combination not in made:
            made[combination] = Trial(combination, sandbox)
        return made[combination]

    return trial


FORKS = [pytest.param(c, id=str(c), marks=MARKS[c]) for c in COMBINATIONS if c.isolation == "fork"]


@pytest.fixture(params=FORKS)
def fork_sandbox(request: pytest.FixtureRequest, opened: Callable[[Combination], Sandbox]) -> Sandbox:
    """Each kind that serves many submissions."""
    return opened(request.param)


@pytest.fixture
def sandbox(opened: Callable[[Combination], Sandbox]) -> Sandbox:
    """One warm bubblewrap sandbox for all of these tests."""
    return opened(BUBBLEWRAP)


@pytest.fixture
def trial(trials: Callable[[Combination], Trial]) -> Trial:
    return trials(BUBBLEWRAP)


@pytest.fixture
def recorder(trial: Trial) -> Recorder:
    trial.recorder.forget()
    return trial.recorder


@pytest.fixture
def grade(trial: Trial) -> Callable[..., Report]:
    """Judge one source as a submission to the target assignment."""
    return lambda source: trial.grade({"solution.py": source})

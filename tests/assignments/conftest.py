"""What the tests of all homeworks need: test_gan.py is about assignments/gan, and so on."""

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor

from grader.checks.answers import LiveAnswers
from grader.checks.randomness import Randomness
from grader.judge import judge_with
from grader.protocol import Job, Report
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, load_assignment

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"
SEED = "5eed" * 16
TRAINING = "training_works", "accuracy_lies_in_the_band"


@pytest.fixture(scope="module")
def assignment(request: pytest.FixtureRequest) -> Assignment:
    return load_assignment(ASSIGNMENTS / request.path.stem.removeprefix("test_"))


@pytest.fixture(scope="module")
def reference(assignment: Assignment) -> ModuleType:
    return assignment.reference


@pytest.fixture(scope="module")
def checks(assignment: Assignment) -> ModuleType:
    """The module that the assignment's checks come from."""
    return sys.modules[assignment.checks[0].run.__module__]


@pytest.fixture(scope="module")
def handouts(assignment: Assignment) -> tuple[str, str]:
    """The English one and the Chinese one."""
    return tuple(handout_in(assignment, language) for language in ("en", "zh"))


@pytest.fixture(params=["en", "zh"])
def handout(request: pytest.FixtureRequest, assignment: Assignment) -> str:
    """One of them at a time."""
    return handout_in(assignment, request.param)


@pytest.fixture
def draw() -> Randomness:
    return Randomness(SEED, "draw")


def handout_in(assignment: Assignment, language: str) -> str:
    return (assignment.folder / f"handout.{language}.md").read_text(encoding="utf-8")


def normal(draw: Randomness, *shape: int) -> Tensor:
    return draw.randn(*shape, dtype=torch.float64)


def judged(assignment: Assignment, source: str, *ids: str, in_time: bool = False) -> Report:
    """By the checks of these ids, or by all that do not train; no mistake is named, for verify sees to that.

    On a busy machine time tells nothing, so there is plenty of it unless `in_time` is what a test is about.
    """
    chosen = [check for check in assignment.checks if (check.id in ids if ids else check.diagnose)]
    shortened = assignment.model_copy(update={"checks": tuple(chosen), "mistakes": ()})
    if not in_time:
        patient = tuple(replace(check, seconds=600.0) for check in chosen)
        limits = assignment.limits.model_copy(update={"wall_s": 1200.0})
        shortened = shortened.model_copy(update={"checks": patient, "limits": limits})
    job = Job(assignment.folder, {"solution.py": source.encode()}, SEED)
    return judge_with(shortened, job, lambda _: LiveAnswers(assignment.reference), sandbox=FakeSandbox())

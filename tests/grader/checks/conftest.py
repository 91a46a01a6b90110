"""A case against a student's source in this process."""

from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from grader.checks.answers import LiveAnswers
from grader.checks.case import Case
from grader.checks.remote import Channel
from grader.sandbox.base import Limits
from grader.sandbox.fake import FakeSandbox

SEED = "ab" * 32


def module_of(source: str) -> ModuleType:
    module = ModuleType("reference")
    exec(source, module.__dict__)
    return module


@pytest.fixture
def make_case() -> Iterator[Callable[..., Case]]:
    """`make_case(student, reference)`: both are sources; without a reference the student is right by definition."""
    boxes = []

    def make(student: str, reference: str | None = None) -> Case:
        opened = FakeSandbox().open(Limits())
        box = opened.__enter__()
        boxes.append(opened)
        payload = {"files": {"solution.py": student.encode()}, "module": "solution"}
        names = box.request("load", payload, seconds=5)["names"]
        answers = LiveAnswers(module_of(reference or student))
        return Case(seed=SEED, check_id="check", channel=Channel(box, names, seconds=30), answers=answers)

    yield make
    for opened in boxes:
        opened.__exit__(None, None, None)

"""A tiny assignment, and one submission of it judged in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.judge import judge
from grader.protocol import Job, Report
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, load_assignment
from tests.grader.table import make_competition

TINY = Path(__file__).parent / "fixtures" / "tiny"
SEED = "0123456789abcdef" * 4


@pytest.fixture(scope="session")
def tiny() -> Assignment:
    return load_assignment(TINY)


@pytest.fixture(scope="session")
def by_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small competition in which tables are handed in."""
    return make_competition(tmp_path_factory.mktemp("competitions"))


@pytest.fixture
def grade() -> Callable[..., Report]:
    def grade(source: str, **options: object) -> Report:
        job = Job(assignment=TINY, files={"solution.py": source.encode()}, seed=SEED, **options)
        return judge(job, sandbox=FakeSandbox())

    return grade


@pytest.fixture
def changed(tiny: Assignment) -> Callable[[str], str]:
    """The reference followed by something else: a submission that differs in one place."""
    return lambda overlay: tiny.reference_source + "\n\n" + overlay

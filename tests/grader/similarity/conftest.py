"""A class on disk, and what the engine says about it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from grader.similarity.fingerprint import Fingerprint, fingerprint
from grader.similarity.score import Comparison, compare
from grader.similarity.sources import Source, Work
from tests.grader.similarity import works as given

Code = str | Mapping[str, str]


def work(student: str, code: Code) -> Work:
    files = {"solution.py": code} if isinstance(code, str) else code
    return Work(student, tuple(Source(name, text) for name, text in files.items()))


def made(student: str, code: Code) -> Fingerprint:
    return fingerprint(work(student, code))


def likeness(comparison: Comparison) -> dict[frozenset[str], float]:
    return {frozenset((pair.left, pair.right)): pair.similarity for pair in comparison.ranked()}


@pytest.fixture(scope="session")
def honest() -> dict[str, Fingerprint]:
    return {name: made(name, code) for name, code in given.HONEST.items()}


@pytest.fixture(scope="session")
def beside(honest: dict[str, Fingerprint]) -> Callable[..., dict[str, float]]:
    """How similar one more work is to each of the honest eight."""

    def beside(code: Code, **options: object) -> dict[str, float]:
        found = likeness(compare([*honest.values(), made("zoe", code)], **options))  # type: ignore[arg-type]
        return {name: found[frozenset((name, "zoe"))] for name in honest}

    return beside


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The honest eight as single files."""
    place = tmp_path / "class"
    place.mkdir()
    for name, code in given.HONEST.items():
        (place / f"{name}.py").write_text(code, encoding="utf-8")
    return place

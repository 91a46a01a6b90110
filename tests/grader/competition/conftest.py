"""A small competition, and an executor that does everything at once in this process."""

import shutil
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from grader.spec import Assignment, load_assignment

CONTEST = Path(__file__).parent.parent / "fixtures" / "contest"


class AtOnce(Executor):
    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args, **kwargs))
        return future


@pytest.fixture
def at_once() -> Executor:
    return AtOnce()


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Assignment]:
    """The small competition with texts replaced in files: (file, old, new) for each."""

    def edit(*edits: tuple[str, str, str]) -> Assignment:
        folder = Path(shutil.copytree(CONTEST, tmp_path / "contest", ignore=shutil.ignore_patterns("__pycache__")))
        for file, old, new in edits:
            path = folder / file
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            assert old in text
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.replace(old, new) if old else text + new, encoding="utf-8")
        return load_assignment(folder)

    return edit

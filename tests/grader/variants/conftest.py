"""An assignment whose constants are drawn, and copies of it with one text replaced."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.spec import Assignment, load_assignment

DRAWN = Path(__file__).parents[1] / "fixtures" / "drawn"
SEEDS = [f"{number:064x}" for number in range(1, 9)]
Edit = Callable[..., Assignment]


@pytest.fixture(scope="session")
def drawn() -> Assignment:
    return load_assignment(DRAWN)


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """The drawn assignment with one text replaced in one file."""

    def edit(file: str, old: str, new: str) -> Assignment:
        folder = Path(shutil.copytree(DRAWN, tmp_path / "drawn", ignore=shutil.ignore_patterns("__pycache__")))
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return load_assignment(folder)

    return edit

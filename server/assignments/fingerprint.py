"""Whether it is still the same code that grades: a hash of the assignment and of the grader."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import grader


def grading_fingerprint(assignment: Path) -> str:
    """Changes with any file that takes part in grading: the assignment's folder and the grader's sources."""
    sources = Path(grader.__file__).parent
    return digest([*files_below(assignment, "*"), *files_below(sources, "*.py")])


def files_below(folder: Path, pattern: str) -> Iterable[tuple[str, bytes]]:
    for path in sorted(folder.rglob(pattern)):
        if path.is_file() and "__pycache__" not in path.parts:
            yield str(path.relative_to(folder)), path.read_bytes()


def digest(named: Iterable[tuple[str, bytes]]) -> str:
    whole = hashlib.sha256()
    for name, content in named:
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()

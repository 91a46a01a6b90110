"""What was handed in, as Python text: each student a folder of .py and .ipynb files, or one file."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.collect import BOM
from grader.notebooks import source_of_notebook
from grader.refusals import BadSubmission

SUFFIXES = {".py", ".ipynb"}
MOST_BYTES = 1 << 20  # of one student's code; a notebook's pictures do not count
MOST_NOTEBOOK_BYTES = 32 << 20
SKIPPED = {"__pycache__", "__MACOSX", "node_modules", "site-packages"}


@dataclass(frozen=True)
class Source:
    """One file: its text, and its tree where it is Python."""

    name: str
    text: str
    tree: ast.Module | None


@dataclass(frozen=True)
class Work:
    """What one student handed in."""

    student: str
    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()  # what could not be read, and why


def entries(folder: Path) -> list[Path]:
    """The students of a folder: its subfolders, and its files that may hold code, by name."""
    found = [
        path for path in folder.iterdir() if not _is_skipped(path.name) and (path.is_dir() or path.suffix.lower() in SUFFIXES)
    ]
    return sorted(found, key=lambda path: path.name)


def read_work(path: Path, student: str) -> Work:
    """A student's code. What cannot be read is left out, with a note: the others are compared all the same."""
    sources: list[Source] = []
    notes: list[str] = []
    left = MOST_BYTES
    for file in _files(path):
        name = file.name if file == path else file.relative_to(path).as_posix()
        text, note = _text_of(file, name)
        if not note and len(text) > left:
            note = f"{name}: more than {MOST_BYTES >> 10} KiB of code together"
        if note:
            notes.append(note)
        elif text.strip():
            left -= len(text)
            sources.append(source_of(name, text))
    return Work(student, tuple(sources), tuple(notes))


def source_of(name: str, text: str) -> Source:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes
            return Source(name, text, ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Source(name, text, None)


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED


def _files(path: Path) -> Iterator[Path]:
    """What a work consists of, links among it; those are not followed."""
    if path.is_symlink() or not path.is_dir():
        yield path
        return
    for inner in sorted(path.iterdir(), key=lambda one: one.name):
        if not _is_skipped(inner.name) and (inner.is_dir() or inner.suffix.lower() in SUFFIXES):
            yield from _files(inner)


def _text_of(file: Path, name: str) -> tuple[str, str]:
    """(text, why it could not be read)"""
    if file.is_symlink():  # it may name any file of whoever compares, or a folder that holds it
        return "", f"{name}: a link, which is not followed"
    if not file.is_file():
        return "", f"{name}: not an ordinary file"
    is_notebook = file.suffix.lower() == ".ipynb"
    try:
        if file.stat().st_size > (MOST_NOTEBOOK_BYTES if is_notebook else MOST_BYTES):
            return "", f"{name}: too large"
        data = file.read_bytes()
        if is_notebook:
            data = source_of_notebook(data, name)
    except BadSubmission as bad:
        return "", bad.fault.message.en
    except OSError as error:
        return "", f"{name}: {error.strerror}"
    text = _decoded(data.removeprefix(BOM))
    return (text, "") if text is not None else ("", f"{name}: not text in UTF-8 or GB 18030")


def _decoded(data: bytes) -> str | None:
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else re.sub(r"\r\n?", "\n", text)
    return None

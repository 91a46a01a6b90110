"""What was handed in, as Python text: each student a folder of .py, .ipynb and .zip files, or one file.

Notebooks and archives are few, and what reads them takes longer to import than all else that a process needs: hence late.
"""

import ast
import codecs
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from grader.reading.trees import parse

SUFFIXES = {".py", ".ipynb", ".zip"}
MOST_BYTES = 1 << 20  # of one student's code; a notebook's pictures do not count
MOST_NOTEBOOK_BYTES = 32 << 20
SKIPPED = {"__pycache__", "__MACOSX", "node_modules", "site-packages"}


@dataclass(frozen=True)
class File:
    """One file as it lies there, or why it is left out."""

    name: str
    data: bytes = b""
    note: str = ""


@dataclass(frozen=True)
class Source:
    """One file. Who only shows it never asks for its tree: a parser is no place for what a stranger wrote."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module | None:
        """None where it does not parse."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of invalid escapes
                return parse(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


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
    return work_of(student, files_of(path))


def work_of(student: str, files: Iterable[File]) -> Work:
    sources: list[Source] = []
    notes: list[str] = []
    left = MOST_BYTES
    for file in files:
        text, note = _text_of(file)
        if not note and len(text) > left:
            note = f"{file.name}: more than {MOST_BYTES >> 10} KiB of code together"
        if note:
            notes.append(note)
        elif text.strip():
            left -= len(text)
            sources.append(Source(file.name, text))
    return Work(student, tuple(sources), tuple(notes))


def files_of(path: Path) -> Iterator[File]:
    """What a work consists of, by name; an archive is the files in it."""
    for file in _paths(path):
        name = file.name if file == path else file.relative_to(path).as_posix()
        found = _read(file, name)
        yield from _unpacked(found) if file.suffix.lower() == ".zip" and not found.note else [found]


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED


def _paths(path: Path) -> Iterator[Path]:
    """Links among them; those are not followed."""
    if path.is_symlink() or not path.is_dir():
        yield path
        return
    for inner in sorted(path.iterdir(), key=lambda one: one.name):
        if not _is_skipped(inner.name) and (inner.is_dir() or inner.suffix.lower() in SUFFIXES):
            yield from _paths(inner)


def _read(file: Path, name: str) -> File:
    if file.is_symlink():  # it may name any file of whoever compares, or a folder that holds it
        return File(name, note=f"{name}: a link, which is not followed")
    if not file.is_file():
        return File(name, note=f"{name}: not an ordinary file")
    try:
        if file.stat().st_size > _most_bytes(file.suffix.lower()):
            return File(name, note=f"{name}: too large")
        return File(name, file.read_bytes())
    except OSError as error:
        return File(name, note=f"{name}: {error.strerror}")


def _most_bytes(suffix: str) -> int:
    if suffix == ".zip":
        from grader.collect import MAX_UPLOAD_BYTES

        return MAX_UPLOAD_BYTES
    return MOST_NOTEBOOK_BYTES if suffix == ".ipynb" else MOST_BYTES


def _unpacked(archive: File) -> list[File]:
    """In memory, under the caps of `grader.archives`: a small archive may claim to hold anything."""
    from grader.archives import unpack
    from grader.refusals import BadSubmission

    try:
        files = unpack(archive.data, archive.name, module="")
    except BadSubmission as bad:
        return [File(archive.name, note=bad.fault.message.en)]
    return [File(f"{archive.name}/{name}", data) for name, data in sorted(files.items())]


def _text_of(file: File) -> tuple[str, str]:
    """(text, why it could not be read)"""
    if file.note:
        return "", file.note
    data, note = _code_of_notebook(file) if PurePosixPath(file.name.lower()).suffix == ".ipynb" else (file.data, "")
    if note:
        return "", note
    text = _decoded(data.removeprefix(codecs.BOM_UTF8))
    return (text, "") if text is not None else ("", f"{file.name}: not text in UTF-8 or GB 18030")


def _code_of_notebook(file: File) -> tuple[bytes, str]:
    """(code, why there is none)"""
    from grader.notebooks import source_of_notebook
    from grader.refusals import BadSubmission

    try:
        return source_of_notebook(file.data, file.name), ""
    except BadSubmission as bad:
        return b"", bad.fault.message.en


def _decoded(data: bytes) -> str | None:
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else re.sub(r"\r\n?", "\n", text)
    return None

"""What was handed in, as Python text: each student a folder of .py, .ipynb and .zip files, or one file."""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.archives import unpack
from grader.collect import BOM, MAX_UPLOAD_BYTES
from grader.notebooks import source_of_notebook
from grader.refusals import BadSubmission

SUFFIXES = {".py", ".ipynb", ".zip"}
MOST_BYTES = 1 << 20  # of one student's code; a notebook's pictures do not count
MOST_FILE_BYTES = {".py": MOST_BYTES, ".ipynb": 32 << 20, ".zip": MAX_UPLOAD_BYTES}
SKIPPED = {"__pycache__", "__MACOSX", "node_modules", "site-packages"}


@dataclass(frozen=True)
class File:
    """One file as it lies there, or why it is left out."""

    name: str
    data: bytes = b""
    note: str = ""


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
            sources.append(source_of(file.name, text))
    return Work(student, tuple(sources), tuple(notes))


def files_of(path: Path) -> Iterator[File]:
    """What a work consists of, by name; an archive is the files in it."""
    for file in _paths(path):
        name = file.name if file == path else file.relative_to(path).as_posix()
        found = _read(file, name)
        yield from _unpacked(found) if file.suffix.lower() == ".zip" and not found.note else [found]


def source_of(name: str, text: str) -> Source:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes
            return Source(name, text, ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Source(name, text, None)


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
        if file.stat().st_size > MOST_FILE_BYTES.get(file.suffix.lower(), MOST_BYTES):
            return File(name, note=f"{name}: too large")
        return File(name, file.read_bytes())
    except OSError as error:
        return File(name, note=f"{name}: {error.strerror}")


def _unpacked(archive: File) -> list[File]:
    """In memory, under the caps of `grader.archives`: a small archive may claim to hold anything."""
    try:
        files = unpack(archive.data, archive.name, module="")
    except BadSubmission as bad:
        return [File(archive.name, note=bad.fault.message.en)]
    return [File(f"{archive.name}/{name}", data) for name, data in sorted(files.items())]


def _text_of(file: File) -> tuple[str, str]:
    """(text, why it could not be read)"""
    if file.note:
        return "", file.note
    data = file.data
    if PurePosixPath(file.name.lower()).suffix == ".ipynb":
        try:
            data = source_of_notebook(data, file.name)
        except BadSubmission as bad:
            return "", bad.fault.message.en
    text = _decoded(data.removeprefix(BOM))
    return (text, "") if text is not None else ("", f"{file.name}: not text in UTF-8 or GB 18030")


def _decoded(data: bytes) -> str | None:
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else re.sub(r"\r\n?", "\n", text)
    return None

"""A class, its archives and its templates as folders on this machine."""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType

from grader.similarity import cached
from grader.similarity.fingerprint import Fingerprint, fingerprint
from grader.similarity.sources import Work, entries, files_of, read_work, work_of

WORTH_A_PROCESS = 60  # works; a process takes half a second to begin
MOST_PROCESSES = 8

Progress = Callable[[int, int, str], None]
Named = tuple[str, Path]
Read = tuple[Fingerprint, tuple[str, ...]]  # with what could not be read


@dataclass(frozen=True)
class Prints:
    works: list[Fingerprint]
    archived: list[Fingerprint]
    templates: list[Fingerprint]


@dataclass(frozen=True)
class Collection:
    """Who handed in what, by name and path; of an archive with the archive's name before it."""

    works: tuple[Named, ...]
    archived: tuple[Named, ...]
    templates: tuple[Named, ...]

    @classmethod
    def find(cls, folder: Path, templates: Sequence[Path], archives: Sequence[Path]) -> "Collection":
        archives = list(dict.fromkeys(archive.resolve() for archive in archives))
        named = zip(_labels(archives), archives, strict=True)
        archived = [(f"{label}/{path.name}", path) for label, archive in named for path in entries(archive)]
        works = [(path.name, path) for path in entries(folder)]
        return cls(tuple(works), tuple(archived), tuple((path.name, path) for path in templates))

    def fingerprints(self, progress: Progress, cache: Path | None = None) -> tuple[Prints, list[str]]:
        """Of everybody, and what could not be read. What the cache has is not read anew."""
        everyone = [*self.works, *self.archived, *self.templates]
        kept = [_kept(named, cache) for named in everyone]
        missing = [named for named, found in zip(everyone, kept, strict=True) if found is None]
        prints: list[Fingerprint] = []
        notes: list[str] = []
        with _mapping(len(missing)) as each:
            made = each(partial(_fingerprint, cache=cache), missing)
            for (name, _), found in zip(everyone, kept, strict=True):
                print_, remarks = found or next(made)
                prints.append(print_)
                notes += [f"{name}: {note}" for note in remarks]
                progress(len(prints), len(everyone), name)
        first, second = len(self.works), len(self.works) + len(self.archived)
        return Prints(prints[:first], prints[first:second], prints[second:]), notes

    def read(self, student: str) -> Work:
        """The code of one of them again: texts are not kept, since few are looked at."""
        return read_work(dict((*self.works, *self.archived))[student], student)

    def read_templates(self) -> list[Work]:
        return [read_work(path, name) for name, path in self.templates]


def _labels(archives: Sequence[Path]) -> list[str]:
    """What each is called: its last part, or the whole path where two end alike, so that nobody is taken for somebody else."""
    ends = [archive.name for archive in archives]
    return [archive.name if ends.count(archive.name) == 1 else archive.as_posix() for archive in archives]


def _kept(named: Named, cache: Path | None) -> Read | None:
    name, path = named
    return cached.find(cache, cached.key_of(files_of(path)), name) if cache else None


def _fingerprint(named: Named, cache: Path | None) -> Read:
    name, path = named
    files = list(files_of(path))
    work = work_of(name, files)
    made = fingerprint(work), work.notes
    if cache:
        cached.keep(cache, cached.key_of(files), *made)
    return made


@contextmanager
def _mapping(count: int) -> Iterator[Callable[..., Iterator[Read]]]:
    """`map`, in order, over as many processes as are worth it. They are started afresh: a fork would copy a bar's thread.

    Trees have no cycles, so the collector finds nothing in them and takes a fifth of the time.
    """
    processes = min(os.cpu_count() or 1, MOST_PROCESSES, count // WORTH_A_PROCESS)
    if processes < 2:
        yield map
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=gc.disable) as pool, _nameless_main():
        yield lambda function, items: pool.map(function, items, chunksize=8)


@contextmanager
def _nameless_main() -> Iterator[None]:
    """A process that starts meanwhile does not import the command that asked for it, which takes longer than what it needs."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main

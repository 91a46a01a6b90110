"""A class, its archives and its templates as folders on this machine."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from grader.similarity.fingerprint import Fingerprint, fingerprint
from grader.similarity.sources import Work, entries, read_work

WORTH_A_PROCESS = 60  # works; a process takes half a second to begin
MOST_PROCESSES = 8

Progress = Callable[[int, int, str], None]
Named = tuple[str, Path]


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

    def fingerprints(self, progress: Progress) -> tuple[Prints, list[str]]:
        """Of everybody, and what could not be read."""
        everyone = [*self.works, *self.archived, *self.templates]
        prints: list[Fingerprint] = []
        notes: list[str] = []
        with _mapping(len(everyone)) as each:
            for (name, _), (made, found) in zip(everyone, each(_fingerprint, everyone), strict=True):
                prints.append(made)
                notes += [f"{name}: {note}" for note in found]
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


def _fingerprint(named: Named) -> tuple[Fingerprint, tuple[str, ...]]:
    name, path = named
    work = read_work(path, name)
    return fingerprint(work), work.notes


@contextmanager
def _mapping(count: int) -> Iterator[Callable[..., Iterator[tuple[Fingerprint, tuple[str, ...]]]]]:
    """`map`, in order, over as many processes as are worth it. They are started afresh: a fork would copy a bar's thread.

    Trees have no cycles, so the collector finds nothing in them and takes a fifth of the time.
    """
    processes = min(os.cpu_count() or 1, MOST_PROCESSES, count // WORTH_A_PROCESS)
    if processes < 2:
        yield map
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=gc.disable) as pool:
        yield lambda function, items: pool.map(function, items, chunksize=8)

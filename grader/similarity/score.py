"""From what two students share to one number: what goes beyond that which independent solutions share anyway."""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.index import Index, View, blocks, build_index
from grader.similarity.students import Floats, Numbers, Students, students_of

PRIOR = 4.0  # nats that a part, or a work, has to bring before its share counts fully
ENOUGH = 20.0  # nats of excess at which a full share comes to half
SCALE = 6  # changes no order: it puts one half between the copies and the unrelated of all assignments we measured
FEWEST = 8  # others that a median is taken of; in a smaller class the missing ones share nothing

BLOCK = 1 << 16  # pairs that are listed at once
MOST_THREADS = 4  # each holds a block of the index several times over

VIEWS: dict[str, View] = {
    "canonical": lambda part: part.canonical,
    "plain": lambda part: part.plain,
    "tokens": lambda part: part.tokens,
}
# One function that is alike by the rules says a little less, since rules make independent ones alike; a whole work says as much.
OF_A_PART = {"canonical": 0.85, "plain": 1.0, "tokens": 1.0}


@dataclass(frozen=True)
class Pair:
    """Two students, and which works of theirs are most alike: places in `Comparison.works`."""

    left: str
    right: str
    similarity: float
    left_work: int
    right_work: int


@dataclass(frozen=True, eq=False)
class Expected:
    """Nats that each part, and each distinct work, shares with half of the others."""

    parts: Floats
    works: Floats


@dataclass(frozen=True, eq=False)
class Comparison:
    """The works of the class first, then the archive's; a row of `similarity` is a student of the class, a column any student."""

    works: tuple[Fingerprint, ...]
    students: Students
    similarity: Floats
    indices: dict[str, Index]
    expected: dict[str, Expected]

    @property
    def count(self) -> int:
        """Students of the class."""
        return self.students.count

    def ranked(self, at_least: float = 0.0, most: int | None = None) -> Iterator[Pair]:
        """Every pair once, the most similar first, equal ones in the order of the students."""
        for places, values in self.order(at_least, most):
            for (left, right), value in zip(places.tolist(), values.tolist(), strict=True):
                yield self._pair(left, right, value)

    def order(self, at_least: float = 0.0, most: int | None = None) -> Iterator[tuple[Numbers, Floats]]:
        """(pairs, 2) places in `students.names`, and similarities, in the order of `ranked`, by blocks: a course has millions."""
        values = self.similarity[np.triu(np.ones(self.similarity.shape, bool), 1)]
        order = np.argsort(-values, kind="stable")
        order = order[: np.count_nonzero(values >= at_least)][:most].astype(np.int32)
        ends = np.cumsum(self.similarity.shape[1] - 1 - np.arange(self.count))  # of the pairs of each student with later ones
        for first in range(0, len(order), BLOCK):
            chosen = order[first : first + BLOCK]
            left = np.searchsorted(ends, chosen, side="right")
            right = chosen - ends[left] + self.similarity.shape[1]
            yield np.stack([left, right], axis=1), values[chosen]

    def similarity_of(self, left_work: int, right_work: int) -> float:
        """Of two works by their places, on the scale of pairs."""
        found = float(self._alike((left_work,), (right_work,))[0, 0])
        return 1.0 if found > 1 else round(max(found, 0.0) ** SCALE, 6)

    def places_of(self, student: str) -> tuple[int, ...]:
        """Where the works of a student stand in `works`, the earliest first."""
        return tuple(self._places[student])

    def _pair(self, left: int, right: int, similarity: float) -> Pair:
        one, other = self.students.names[left], self.students.names[right]
        return Pair(one, other, similarity, *self._most_alike(self._places[one], self._places[other]))

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, work in enumerate(self.works):
            places.setdefault(work.student, []).append(place)
        return places

    def _most_alike(self, mine: Sequence[int], theirs: Sequence[int]) -> tuple[int, int]:
        """The two works by which the students are as alike as they are; of equal ones the earliest."""
        if len(mine) == len(theirs) == 1:
            return mine[0], theirs[0]
        found = self._alike(mine, theirs)
        here, there = np.unravel_index(np.argmax(found), found.shape)
        return mine[here], theirs[there]

    def _alike(self, mine: Sequence[int], theirs: Sequence[int]) -> Floats:
        """(mine, theirs): how strongly each of two works, or one part of it, is found in the other; of archived works nothing."""
        found = np.zeros((len(mine), len(theirs)), np.float32)
        for name, index in self.indices.items():
            for one, other, turned in ((mine, theirs, found), (theirs, mine, found.T)):
                np.maximum(turned, _found_in(index, self.expected[name], OF_A_PART[name], one, other), out=turned)
        digests = np.array([[self.works[here].digest == self.works[there].digest for there in theirs] for here in mine])
        found = np.where(digests, 2, np.round(found, 5))
        is_old = [self.students.is_archived(self.students.portfolio[list(places)]) for places in (mine, theirs)]
        return np.where(is_old[0][:, None] & is_old[1], -1, found)


def compare(
    works: Sequence[Fingerprint], *, archive: Sequence[Fingerprint] = (), templates: Sequence[Fingerprint] = ()
) -> Comparison:
    """Everybody of the class with everybody, and with the archive, which is not compared with itself.

    Works with the same `student` are one student's, also where some are archived: he is as alike to somebody as his most similar
    work is, and never compared with himself.
    """
    everything = (*works, *archive)
    students = students_of(works, archive)
    indices = {name: build_index(everything, students, view, templates) for name, view in VIEWS.items()}
    strength = np.zeros((students.count, len(students)), np.float32)
    expected = {name: _strengthen(strength, index, OF_A_PART[name]) for name, index in indices.items()}
    similarity = np.round(strength**SCALE, 6)
    _mark_identical(similarity, everything, students, indices.values())
    np.fill_diagonal(similarity, 0)
    return Comparison(everything, students, similarity, indices, expected)


def _strengthen(strength: Floats, index: Index, of_a_part: float) -> Expected:
    """Raise (class, all) to how strongly a work of one of the two, or one part of it, is found in the other."""
    rows = index.rows
    usual = Expected(np.zeros(len(rows.owner), np.float32), np.zeros(len(rows.work_owner), np.float32))
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_THREADS)) as threads:
        for found in threads.map(lambda block: _found_of(index, usual, of_a_part, *block), blocks(index)):
            for best, students in found:
                _raise(strength, best, students)
    return usual


def _found_of(index: Index, usual: Expected, of_a_part: float, parts: slice, works: slice) -> list[tuple[Floats, Numbers]]:
    """[(how strongly one part, or a work, of each is found in everybody, whose they are)] of one block; fills in `usual`."""
    rows, students = index.rows, index.students
    shared = index.shared(parts, archive=not students.is_archived(rows.owner[parts.start]))
    made_of = rows.works[works, parts]
    result = []
    for found, mass, owner, expected, factor in (
        (shared, index.mass[parts], rows.owner[parts], usual.parts[parts], of_a_part),
        (made_of @ shared, made_of @ index.mass[parts], rows.work_owner[works], usual.works[works], 1.0),
    ):
        expected[:] = expected_of(found, students.student[owner])
        firsts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        best = factor * np.maximum.reduceat(beyond(found, mass, expected), firsts, axis=0)
        result.append((best, students.student[owner[firsts]]))
    return result


def _raise(strength: Floats, found: Floats, students: Numbers) -> None:
    """By (students, class or all), both ways."""
    present = students < len(strength)
    columns = slice(0, found.shape[1])
    strength[students[present], columns] = np.maximum(strength[students[present], columns], found[present])
    strength[:, students] = np.maximum(strength[:, students], found[:, : len(strength)].T)


def expected_of(shared: Floats, students: Numbers) -> Floats:
    """What each row shares with half of the others; his own column is nobody's."""
    missing = max(0, FEWEST - (shared.shape[1] - 1))
    others = np.pad(shared, ((0, 0), (0, missing)))
    here = students < shared.shape[1]
    others[np.flatnonzero(here), students[here]] = 0
    return np.median(others, axis=1, overwrite_input=True)


def beyond(shared: Floats, mass: Floats, expected: Floats) -> Floats:
    """0..1: how much of each row is in each column, beyond what is expected, and if that is much."""
    excess = shared - expected[:, None]
    np.maximum(excess, 0, out=excess)
    share = excess / (np.maximum(mass - expected, 0) + PRIOR)[:, None]
    excess /= excess + ENOUGH
    share *= np.sqrt(excess, out=excess)
    return share


def _found_in(index: Index, expected: Expected, of_a_part: float, mine: Sequence[int], theirs: Sequence[int]) -> Floats:
    """(mine, theirs): how strongly a work, or one part of it, is found in another."""
    rows = index.rows
    distinct = rows.work_of[list(mine)]
    made_of, others = rows.works[distinct], rows.works[rows.work_of[list(theirs)]]
    parts = np.unique(made_of.indices)
    shared = np.zeros((len(parts), len(theirs)), np.float32)
    for weighed in (index.rare[0], index.common[0]):
        having = (others @ weighed).astype(bool).astype(np.float32)
        shared += (weighed[parts] @ having.T).toarray()
    made_of = made_of[:, parts]
    whole = beyond(made_of @ shared, made_of @ index.mass[parts], expected.works[distinct])
    of_parts = of_a_part * beyond(shared, index.mass[parts], expected.parts[parts])
    best = [of_parts[made_of.indices[first:last]].max(axis=0, initial=0) for first, last in pairwise(made_of.indptr)]
    return np.maximum(whole, np.array(best))


def _mark_identical(similarity: Floats, works: Sequence[Fingerprint], students: Students, indices: Iterable[Index]) -> None:
    """The same code but for layout and comments is 1, however small, if any of it is the students' own."""
    own = np.logical_or.reduce([index.has_features() for index in indices])
    alike: dict[bytes, list[int]] = {}
    for number, work in enumerate(works):
        if own[number]:
            alike.setdefault(work.digest, []).append(int(students.portfolio[number]))
    for portfolios in alike.values():
        every = np.unique(portfolios)
        present, everybody = every[every < students.count], students.student[every]
        similarity[present[:, None], everybody] = 1
        again = everybody[everybody < students.count]
        similarity[again[:, None], present] = 1

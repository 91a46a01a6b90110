"""The inverted index: which parts of which works have a feature, and how much a feature says by how few have it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from grader.similarity.fingerprint import Features, Fingerprint, Part
from grader.similarity.graph import Hashes
from grader.similarity.students import Floats, Numbers, Students

BLOCK = 2048  # rows of the product of parts and students that are in memory at once
COMMON = 0.25  # of all students

View = Callable[[Part], Features]


@dataclass(frozen=True, eq=False)
class Rows:
    """The distinct parts of all portfolios, one portfolio after the other, and of which of them each work is made.

    A part that stays as it is from attempt to attempt is one row, and so are works that are made of the same parts.
    """

    hashes: list[Hashes]
    owner: Numbers  # of each part, its portfolio
    works: csr_matrix  # (distinct works, parts): how often
    work_owner: Numbers
    work_of: Numbers  # of each fingerprint, its distinct work


@dataclass(frozen=True, eq=False)
class Index:
    """One view of all works.

    Features that many have are few, and each meets in most pairs: their product is dense, that of the others by posting lists.
    """

    students: Students
    rows: Rows
    known: Hashes  # by the templates, so that they are nobody's
    vocabulary: Hashes
    holders: Numbers  # how many students have a feature
    mass: Floats  # nats: what all features of each part weigh together
    rare: tuple[csr_matrix, csr_matrix]  # (parts, features), weighed; (features, portfolios)
    common: tuple[csr_matrix, Floats]

    def shared(self, parts: slice, *, archive: bool) -> Floats:
        """(parts, students): what the features that they share weigh; with the class alone, or with the archive too."""
        portfolios = slice(None) if archive else slice(0, self.students.count)
        found = (self.rare[0][parts] @ self.rare[1][:, portfolios]).toarray()
        found += self.common[0][parts].toarray() @ self.common[1][:, portfolios]
        return self.students.folded(found) if archive else found

    def has_features(self) -> NDArray[np.bool_]:
        """Whether anything of each work is not the template's."""
        sizes = np.diff(self.rare[0].indptr) + np.diff(self.common[0].indptr)
        return (self.rows.works @ sizes > 0)[self.rows.work_of]


def build_index(works: Sequence[Fingerprint], students: Students, view: View, templates: Sequence[Fingerprint] = ()) -> Index:
    """Of all works; what a template has is no feature of anybody."""
    rows = _rows_of(works, students, view)
    hashes = np.concatenate([np.zeros(0, np.uint64), *rows.hashes])
    numbers = np.repeat(np.arange(len(rows.hashes)), [len(found) for found in rows.hashes])
    known = known_of(templates, view)
    kept = ~np.isin(hashes, known)
    vocabulary, columns = np.unique(hashes[kept], return_inverse=True)
    numbers = numbers[kept]
    parts = csr_matrix((np.ones(len(numbers), np.float32), (numbers, columns)), shape=(len(rows.owner), len(vocabulary)))
    together = _having(parts, rows.owner, len(students.student))
    once = _having(parts, students.student[rows.owner], len(students)) if len(students.returning) else together
    holders = np.diff(once.indptr)
    weight = np.log(len(students) / np.maximum(holders, 1)).astype(np.float32)
    mass = parts @ weight
    parts.data *= weight[parts.indices]
    parts, is_common = parts.tocsc(), common_of(holders, students)
    rare = parts[:, ~is_common].tocsr(), together[:, ~is_common].T.tocsr()
    common = parts[:, is_common].tocsr(), np.ascontiguousarray(together[:, is_common].T.toarray())
    return Index(students, rows, known, vocabulary, holders, mass, rare, common)


def known_of(templates: Sequence[Fingerprint], view: View) -> Hashes:
    return np.unique(np.concatenate([np.zeros(0, np.uint64), *(view(part).hashes for one in templates for part in one.parts)]))


def find_features(vocabulary: Hashes, hashes: Hashes) -> tuple[Numbers, NDArray[np.bool_]]:
    """(the place of each, or any place, whether it is there)"""
    if not len(vocabulary):
        return np.zeros(len(hashes), np.int64), np.zeros(len(hashes), bool)
    places = np.minimum(np.searchsorted(vocabulary, hashes), len(vocabulary) - 1)
    return places, vocabulary[places] == hashes


def common_of(holders: Numbers, students: Students) -> NDArray[np.bool_]:
    return holders > COMMON * len(students)


def _having(parts: csr_matrix, owner: Numbers, count: int) -> csc_matrix:
    """(owners, features): 1 where any part of theirs has it."""
    belongs = csr_matrix((np.ones(len(owner), np.float32), (owner, np.arange(len(owner)))), shape=(count, len(owner)))
    having = (belongs @ parts).tocsc()
    having.data[:] = 1
    return having


def _rows_of(works: Sequence[Fingerprint], students: Students, view: View) -> Rows:
    hashes: list[Hashes] = []
    owner: list[int] = []
    made_of: list[list[int]] = []
    work_owner: list[int] = []
    work_of = np.zeros(len(works), np.int64)
    parts: dict[bytes, int] = {}
    distinct: dict[tuple[int, ...], int] = {}
    for number in np.argsort(students.portfolio, kind="stable").tolist():
        portfolio = int(students.portfolio[number])
        if not work_owner or work_owner[-1] != portfolio:
            parts.clear()
            distinct.clear()
        listed = []
        for part in works[number].parts:
            found = view(part).hashes
            row = parts.setdefault(found.tobytes(), len(hashes))
            if row == len(hashes):
                hashes.append(found)
                owner.append(portfolio)
            listed.append(row)
        work_of[number] = distinct.setdefault(tuple(listed), len(made_of))
        if work_of[number] == len(made_of):
            made_of.append(listed)
            work_owner.append(portfolio)
    table = _counted(made_of, len(hashes))
    return Rows(hashes, np.array(owner, np.int64), table, np.array(work_owner, np.int64), work_of)


def _counted(made_of: Sequence[Sequence[int]], parts: int) -> csr_matrix:
    works = np.repeat(np.arange(len(made_of)), [len(listed) for listed in made_of])
    listed = np.array([row for each in made_of for row in each], np.int64)
    return csr_matrix((np.ones(len(listed), np.float32), (works, listed)), shape=(len(made_of), parts))


def blocks(index: Index) -> Iterator[tuple[slice, slice]]:
    """(parts, distinct works) in blocks that never divide a portfolio, nor hold both class and archive."""
    ends = np.arange(len(index.students.student) + 1)
    parts, works = np.searchsorted(index.rows.owner, ends).tolist(), np.searchsorted(index.rows.work_owner, ends).tolist()
    first = 0
    for portfolio in range(1, len(ends)):
        is_last = portfolio in (index.students.count, len(ends) - 1)
        if is_last or parts[portfolio + 1] - parts[first] > BLOCK:
            if parts[portfolio] > parts[first]:
                yield slice(parts[first], parts[portfolio]), slice(works[first], works[portfolio])
            first = portfolio

"""A comparison as it stands, kept so that one more work is compared with all within a moment, by weights of the whole class."""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.graph import Hashes
from grader.similarity.index import Index, common_of, find_features
from grader.similarity.score import OF_A_PART, SCALE, VIEWS, Comparison, Expected, Pair, beyond, expected_of
from grader.similarity.storage import VERSION, OtherVersion
from grader.similarity.students import Floats, Numbers, Students

Array = NDArray[Any]
ALIGNED = 8  # bytes: where each array begins


@dataclass(frozen=True, eq=False)
class Postings:
    """One view: which parts have a feature. The parts of feature k are `rows[starts[k]:starts[k + 1]]`."""

    known: Hashes
    vocabulary: Hashes
    holders: Numbers  # how many students have a feature
    starts: Numbers
    rows: NDArray[np.int32]
    owner: Numbers  # of each part, its portfolio
    mass: Floats
    expected: Floats
    work_starts: Numbers  # of each distinct work, where its parts begin in `work_parts`
    work_parts: NDArray[np.int32]
    work_times: Floats
    work_expected: Floats
    work_of: Numbers

    @cached_property
    def works(self) -> csr_matrix:
        """(distinct works, parts): how often."""
        shape = (len(self.work_starts) - 1, len(self.owner))
        return csr_matrix((self.work_times, self.work_parts, self.work_starts), shape=shape)

    def of_features(self, features: Numbers) -> tuple[Numbers, Numbers]:
        """Every (place in `features`, part that has it)."""
        first, last = self.starts[features], self.starts[features + 1]
        sizes = last - first
        places = np.repeat(np.arange(len(features)), sizes)
        offsets = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return places, self.rows[np.repeat(first, sizes) + offsets].astype(np.int64)


@dataclass(frozen=True, eq=False)
class KeptIndex:
    """What is needed of a comparison to hold one more work against it."""

    students: Students
    digests: tuple[bytes, ...]  # of each work; empty where it has nothing of its own
    views: dict[str, Postings]

    @classmethod
    def of(cls, comparison: Comparison) -> "KeptIndex":
        own = np.logical_or.reduce([index.has_features() for index in comparison.indices.values()])
        digests = tuple(work.digest if is_own else b"" for work, is_own in zip(comparison.works, own, strict=True))
        views = {name: _postings_of(index, comparison.expected[name]) for name, index in comparison.indices.items()}
        return cls(comparison.students, digests, views)

    def against(self, print_: Fingerprint) -> list[Pair]:
        """The new work with every student but its own, the most similar first.

        A pair's left work is the place that the new one would take. Features weigh what they weigh once it is there; what others
        are expected to share is as it was, so figures are those of a whole comparison but for hundredths.
        """
        own = self._number(print_.student)
        strength = np.zeros(len(self.students), np.float32)
        of_works = np.zeros(len(self.digests), np.float32)
        has_own = False
        for name, postings in self.views.items():
            one = _Newcomer(self.students, postings, [VIEWS[name](part).hashes for part in print_.parts], own)
            has_own |= one.has_features
            of_parts, found = one.found(OF_A_PART[name])
            np.maximum(strength, one.finds(OF_A_PART[name]), out=strength)
            np.maximum.at(strength, self.students.student[postings.owner], of_parts)
            np.maximum(of_works, found[postings.work_of], out=of_works)
        author = self.students.student[self.students.portfolio]
        np.maximum.at(strength, author, of_works)
        is_equal = np.array([has_own and digest == print_.digest for digest in self.digests], bool)
        similarity = np.round(strength**SCALE, 6)
        similarity[author[is_equal]] = 1
        of_works[is_equal] = 2
        return list(self._pairs(print_.student, similarity, of_works))

    def _number(self, student: str) -> int:
        """Of a student who is new, the next one."""
        names = self.students.names
        return names.index(student) if student in names else len(names)

    def _pairs(self, student: str, similarity: Floats, of_works: Floats) -> Iterator[Pair]:
        """Of each other student the work in which most of the new one is, or of equal ones the earliest."""
        author = self.students.student[self.students.portfolio]
        order = np.lexsort((np.arange(len(author)), -np.round(of_works, 5), author))
        firsts = np.flatnonzero(np.diff(author[order], prepend=-1))
        best = dict(zip(author[order][firsts].tolist(), order[firsts].tolist(), strict=True))
        for number in np.argsort(-similarity, kind="stable").tolist():
            if (name := self.students.names[number]) != student:
                yield Pair(student, name, float(similarity[number]), len(author), best[number])

    def to_bytes(self) -> bytes:
        """A line of JSON, then the arrays as they follow one another."""
        arrays = dict(self._arrays())
        head = {
            "version": VERSION,
            "names": self.students.names,
            "count": self.students.count,
            "digests": [digest.hex() for digest in self.digests],
            "arrays": [[name, array.dtype.newbyteorder("<").str, len(array)] for name, array in arrays.items()],
        }
        body = b"".join(_padded(array.astype(array.dtype.newbyteorder("<")).tobytes()) for array in arrays.values())
        return zlib.compress(json.dumps(head, ensure_ascii=False).encode() + b"\n" + body, 1)

    def _arrays(self) -> Iterator[tuple[str, Array]]:
        yield "portfolio", self.students.portfolio
        yield "student", self.students.student
        for view, postings in self.views.items():
            yield from ((f"{view} {field.name}", getattr(postings, field.name)) for field in fields(postings))

    @classmethod
    def from_bytes(cls, data: bytes) -> "KeptIndex":
        line, _, body = zlib.decompress(data).partition(b"\n")
        head: dict[str, Any] = json.loads(line)
        if head["version"] != VERSION:
            raise OtherVersion(f"comparison of version {head['version']}, not {VERSION}")
        arrays = dict(_unpacked(head["arrays"], body))
        students = Students(tuple(head["names"]), head["count"], arrays["portfolio"], arrays["student"])
        views = {view: _postings_from(view, arrays) for view in VIEWS}
        return cls(students, tuple(bytes.fromhex(digest) for digest in head["digests"]), views)


def _unpacked(listed: list[tuple[str, str, int]], body: bytes) -> Iterator[tuple[str, Array]]:
    place = 0
    for name, kind, count in listed:
        yield name, np.frombuffer(body, kind, count, place)
        size = count * np.dtype(kind).itemsize
        place += size + -size % ALIGNED


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % ALIGNED)


def _postings_from(view: str, arrays: Mapping[str, Array]) -> Postings:
    return Postings(*(arrays[f"{view} {field.name}"] for field in fields(Postings)))


def _postings_of(index: Index, expected: Expected) -> Postings:
    is_common = common_of(index.holders, index.students)
    features, rows = [], []
    for (parts, _), places in ((index.rare, ~is_common), (index.common, is_common)):
        listed = parts.tocoo()
        features.append(np.flatnonzero(places)[listed.col])
        rows.append(listed.row)
    feature, row = np.concatenate(features), np.concatenate(rows)
    starts = np.concatenate([[0], np.cumsum(np.bincount(feature, minlength=len(index.vocabulary)))])
    works = index.rows.works
    return Postings(
        known=index.known,
        vocabulary=index.vocabulary,
        holders=index.holders.astype(np.int64),
        starts=starts.astype(np.int64),
        rows=row[np.lexsort((row, feature))].astype(np.int32),
        owner=index.rows.owner,
        mass=index.mass,
        expected=expected.parts,
        work_starts=works.indptr.astype(np.int64),
        work_parts=works.indices.astype(np.int32),
        work_times=works.data,
        work_expected=expected.works,
        work_of=index.rows.work_of,
    )


class _Newcomer:
    """One more work in one view: its parts, and what its features weigh once it is there."""

    def __init__(self, students: Students, postings: Postings, parts: list[Hashes], own: int) -> None:
        self.students, self.postings, self.own = students, postings, own
        self.everybody = max(len(students), own + 1)
        sizes = [len(hashes) for hashes in parts]
        hashes, part = np.concatenate([np.zeros(0, np.uint64), *parts]), np.repeat(np.arange(len(parts)), sizes)
        mine = ~np.isin(hashes, postings.known)
        distinct, column = np.unique(hashes[mine], return_inverse=True)
        self.has_features = len(distinct) > 0
        place, is_seen = find_features(postings.vocabulary, distinct)
        seen, self.row = postings.of_features(place[is_seen])
        self.column = np.flatnonzero(is_seen)[seen]
        holders = np.where(is_seen, postings.holders[place], 0) if len(postings.holders) else np.zeros(len(distinct), np.int64)
        is_new = np.ones(len(distinct), np.int64)
        is_new[self.column[students.student[postings.owner[self.row]] == own]] = 0
        self.before = np.log(len(students) / np.maximum(holders, 1)).astype(np.float32)
        self.weight = np.log(self.everybody / (holders + is_new)).astype(np.float32)
        self.parts = csr_matrix((self.weight[column], (part[mine], column)), shape=(len(parts), len(distinct)))

    def finds(self, of_a_part: float) -> Floats:
        """By student: how strongly the new work, or one part of it, is found in his."""
        shape = (self.parts.shape[1], len(self.students.student))
        having = csr_matrix((np.ones(len(self.row), np.float32), (self.column, self.postings.owner[self.row])), shape=shape)
        having.data[:] = 1
        shared = self.students.folded((self.parts @ having).toarray())
        found = np.pad(shared, ((0, 0), (0, self.everybody - len(self.students))))
        mass = np.asarray(self.parts.sum(axis=1)).ravel()
        rows = [(found, mass, of_a_part), (found.sum(axis=0, keepdims=True), mass.sum(keepdims=True), 1.0)]
        best = [self._best(*each) for each in rows if len(each[0])]
        return np.maximum.reduce(best)[: len(self.students)]

    def _best(self, shared: Floats, mass: Floats, factor: float) -> Floats:
        expected = expected_of(shared, np.full(len(shared), self.own))
        return factor * beyond(shared, mass, expected).max(axis=0)

    def found(self, of_a_part: float) -> tuple[Floats, Floats]:
        """(by part, by distinct work): how strongly each of those that stand is found in the new one."""
        postings, count = self.postings, len(self.postings.owner)
        more = np.log(self.everybody / max(len(self.students), 1))
        sizes = np.bincount(postings.rows, minlength=count)
        change = np.bincount(self.row, self.weight[self.column] - self.before[self.column] - more, count)
        shared = np.bincount(self.row, self.weight[self.column], count).astype(np.float32)
        mass = (postings.mass + change + sizes * more).astype(np.float32)
        of_parts = of_a_part * beyond(shared[:, None], mass, postings.expected)[:, 0]
        works = postings.works
        of_works = beyond((works @ shared)[:, None], works @ mass, postings.work_expected)[:, 0]
        np.maximum.at(of_works, np.repeat(np.arange(len(of_works)), np.diff(works.indptr)), of_parts[works.indices])
        return of_parts, of_works

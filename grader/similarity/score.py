"""From what two works share to one number: what goes beyond that which independent solutions share anyway."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.index import Floats, Index, View, blocks, build_index

PRIOR = 8.0  # nats that a part, or a work, has to bring before its share counts fully
ENOUGH = 20.0  # nats of excess at which a full share comes to half
FEWEST = 8  # others that a median is taken of; in a smaller class the missing ones share nothing

VIEWS: dict[str, View] = {
    "canonical": lambda part: part.canonical,
    "plain": lambda part: part.plain,
    "tokens": lambda part: part.tokens,
}
# One function that is alike by the rules says a little less, since rules make independent ones alike; a whole work says as much.
OF_A_PART = {"canonical": 0.85, "plain": 1.0, "tokens": 1.0}


@dataclass(frozen=True)
class Pair:
    left: str
    right: str
    similarity: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """The class first, then the archive; a row of `similarity` is a work of the class, a column any work."""

    works: tuple[Fingerprint, ...]
    count: int
    similarity: Floats
    indices: dict[str, Index]

    def ranked(self, at_least: float = 0.0, most: int | None = None) -> Iterator[Pair]:
        """Every pair once, the most similar first, equal ones by name."""
        left, right = np.triu_indices(self.count, 1, self.similarity.shape[1])
        values = self.similarity[left, right]
        order = np.argsort(-values, kind="stable")
        order = order[values[order] >= at_least]
        for place in islice(order, most):
            one, other = self.works[left[place]].student, self.works[right[place]].student
            yield Pair(one, other, float(values[place]))


def compare(
    works: Sequence[Fingerprint], *, archive: Sequence[Fingerprint] = (), templates: Sequence[Fingerprint] = ()
) -> Comparison:
    """Everybody of the class with everybody, and with the archive, which is not compared with itself."""
    everyone = (*works, *archive)
    count = len(works)
    indices = {name: build_index(everyone, view, templates) for name, view in VIEWS.items()}
    strength = np.maximum.reduce([_strength(index, OF_A_PART[name]) for name, index in indices.items()])
    similarity = np.maximum(strength, strength.T)[:count] ** 3
    _mark_identical(similarity, everyone, indices.values())
    np.fill_diagonal(similarity, 0)
    return Comparison(everyone, count, np.round(similarity, 4), indices)


def _strength(index: Index, of_a_part: float) -> Floats:
    """(all, all): how strongly a row's work, or one part of it, is found in a column's."""
    everyone = index.works.shape[0]
    found = np.zeros((everyone, everyone), np.float32)
    mass = index.mass
    for rows in blocks(index):
        shared, owner = index.shared(rows, slice(None)), index.owner[rows]
        firsts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        owners = owner[firsts]
        parts = np.maximum.reduceat(_beyond_others(shared, mass[rows], owner), firsts, axis=0)
        whole = _beyond_others(np.add.reduceat(shared, firsts, axis=0), np.add.reduceat(mass[rows], firsts), owners)
        found[owners] = np.maximum(of_a_part * parts, whole)
    return found


def _beyond_others(shared: Floats, mass: Floats, owner: NDArray[np.int64]) -> Floats:
    """0..1: how much of each row is in each work, beyond what it shares with half of the others, and if that is much."""
    others = shared.copy()
    others[np.arange(len(owner)), owner] = 0
    missing = max(0, FEWEST - (shared.shape[1] - 1))
    expected = np.median(np.pad(others, ((0, 0), (0, missing))), axis=1)[:, None]
    excess = np.maximum(shared - expected, 0)
    share = excess / (np.maximum(mass[:, None] - expected, 0) + PRIOR)
    return share * np.sqrt(excess / (excess + ENOUGH))


def _mark_identical(similarity: Floats, works: Sequence[Fingerprint], indices: object) -> None:
    """The same code but for layout and comments is 1, however small, if any of it is the students' own."""
    own = np.maximum.reduce([np.diff(index.works.indptr) for index in indices]) > 0  # type: ignore[attr-defined]
    alike: dict[bytes, list[int]] = {}
    for number, work in enumerate(works):
        if own[number]:
            alike.setdefault(work.digest, []).append(number)
    for group in alike.values():
        for row in group:
            if row < similarity.shape[0]:
                similarity[row, group] = 1

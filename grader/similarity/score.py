"""From what two works share to one number: what goes beyond that which independent solutions share anyway."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.index import Floats, Index, View, blocks, build_index

PRIOR = 4.0  # nats that a part, or a work, has to bring before its share counts fully
ENOUGH = 20.0  # nats of excess at which a full share comes to half
SCALE = 6  # changes no order: it puts one half between the copies and the unrelated of all assignments we measured
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
    strength = np.zeros((count, len(everyone)), np.float32)
    for name, index in indices.items():
        _strengthen(strength, index, OF_A_PART[name])
    similarity = np.round(strength**SCALE, 6)
    _mark_identical(similarity, everyone, indices.values())
    np.fill_diagonal(similarity, 0)
    return Comparison(everyone, count, similarity, indices)


def _strengthen(strength: Floats, index: Index, of_a_part: float) -> None:
    """Raise (class, all) to how strongly one of the two, or one part of it, is found in the other."""
    count, mass = len(strength), index.mass
    for rows in blocks(index, count):
        owner = index.owner[rows]
        is_archive = owner[0] >= count
        columns = slice(0, count) if is_archive else slice(None)  # the archive is not compared with itself
        shared = index.shared(rows, columns)
        firsts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        owners = owner[firsts]
        parts = np.maximum.reduceat(_beyond_others(shared, mass[rows], owner), firsts, axis=0)
        whole = _beyond_others(np.add.reduceat(shared, firsts, axis=0), np.add.reduceat(mass[rows], firsts), owners)
        found = np.maximum(of_a_part * parts, whole)
        if is_archive:
            strength[:, owners] = np.maximum(strength[:, owners], found.T)
        else:
            strength[owners] = np.maximum(strength[owners], found)
            strength[:, owners] = np.maximum(strength[:, owners], found[:, :count].T)


def _beyond_others(shared: Floats, mass: Floats, owner: NDArray[np.int64]) -> Floats:
    """0..1: how much of each row is in each work, beyond what it shares with half of the others, and if that is much."""
    others = shared.copy()
    here = owner < shared.shape[1]
    others[np.flatnonzero(here), owner[here]] = 0
    missing = max(0, FEWEST - (shared.shape[1] - 1))
    expected = np.median(np.pad(others, ((0, 0), (0, missing))), axis=1)[:, None]
    excess = np.maximum(shared - expected, 0)
    share = excess / (np.maximum(mass[:, None] - expected, 0) + PRIOR)
    return share * np.sqrt(excess / (excess + ENOUGH))


def _mark_identical(similarity: Floats, works: Sequence[Fingerprint], indices: Iterable[Index]) -> None:
    """The same code but for layout and comments is 1, however small, if any of it is the students' own."""
    own = np.maximum.reduce([index.features_of_works() for index in indices]) > 0
    alike: dict[bytes, list[int]] = {}
    for number, work in enumerate(works):
        if own[number]:
            alike.setdefault(work.digest, []).append(number)
    for group in alike.values():
        for row in group:
            if row < similarity.shape[0]:
                similarity[row, group] = 1

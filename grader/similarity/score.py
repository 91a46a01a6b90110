"""From what two works share to one number: what goes beyond that which independent solutions share anyway."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.index import Floats, Index, View, blocks, build_index

PRIOR = 8.0  # nats that a part has to bring before its share counts fully
ENOUGH = 40.0  # nats of excess at which a full share comes to 0.7
FEWEST = 8  # others that a median is taken of; in a smaller class the missing ones share nothing

VIEWS: dict[str, View] = {
    "canonical": lambda part: part.canonical,
    "plain": lambda part: part.plain,
    "tokens": lambda part: part.tokens,
}


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
    scores = [_scores(index, count) for index in indices.values()]
    similarity = np.maximum.reduce(scores)
    _mark_identical(similarity, everyone, indices.values())
    np.fill_diagonal(similarity, 0)
    return Comparison(everyone, count, np.round(similarity, 4), indices)


def _scores(index: Index, count: int) -> Floats:
    """(class, all): the better of the two directions; how much of a part of one is found in the other."""
    everyone = index.works.shape[0]
    found = np.zeros((everyone, everyone), np.float32)
    mass = index.mass
    for rows in blocks(index):
        shared = index.shared(rows, slice(None))
        owner = index.owner[rows]
        value = _excess(shared, mass[rows], owner)
        firsts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        found[owner[firsts]] = np.maximum.reduceat(value, firsts, axis=0)
    return np.maximum(found, found.T)[:count]


def _excess(shared: Floats, mass: Floats, owner: np.ndarray) -> Floats:
    """How much of each part is in each work, beyond what the part shares with half of the others."""
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

"""The inverted index: which parts of which works have a feature, and how much a feature says by how few have it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from grader.similarity.fingerprint import Features, Fingerprint, Part
from grader.similarity.graph import Hashes

BLOCK = 2048  # rows of the product of parts and works that are in memory at once

Floats = NDArray[np.float32]
View = Callable[[Part], Features]


@dataclass(frozen=True, eq=False)
class Index:
    """One view of all works. Rows of `parts` are theirs one after the other; `owner` says whose."""

    owner: NDArray[np.int64]
    parts: csr_matrix
    works: csr_matrix
    vocabulary: Hashes
    holders: NDArray[np.int64]  # how many works have a feature
    weight: Floats  # nats: how surprising it is that one more work has it

    @property
    def mass(self) -> Floats:
        """What all features of each part weigh together."""
        return self.parts @ self.weight

    def shared(self, rows: slice, columns: slice) -> Floats:
        """(parts, works): what the features that they share weigh."""
        weighted = self.parts[rows].multiply(self.weight).tocsr()
        return (weighted @ self.works[columns].T).toarray()


def build_index(works: Sequence[Fingerprint], view: View, templates: Sequence[Fingerprint] = ()) -> Index:
    """Of all works; what a template has is no feature of anybody."""
    known = np.unique(np.concatenate([np.zeros(0, np.uint64), *(view(part).hashes for one in templates for part in one.parts)]))
    hashes, rows, owner = _listed(works, view)
    kept = ~np.isin(hashes, known)
    hashes, rows = hashes[kept], rows[kept]
    vocabulary, columns = np.unique(hashes, return_inverse=True)
    count = len(owner)
    parts = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(count, len(vocabulary)))
    belongs = csr_matrix((np.ones(count, np.float32), (owner, np.arange(count))), shape=(len(works), count))
    together = (belongs @ parts).tocsr()
    together.data[:] = 1
    holders = np.bincount(together.indices, minlength=len(vocabulary))
    weight = np.log(len(works) / np.maximum(holders, 1)).astype(np.float32)
    return Index(owner, parts, together, vocabulary, holders, weight)


def _listed(works: Sequence[Fingerprint], view: View) -> tuple[Hashes, NDArray[np.int64], NDArray[np.int64]]:
    """(every feature of every part, the row of its part, the work of each row)"""
    found = [view(part).hashes for work in works for part in work.parts]
    owner = np.repeat(np.arange(len(works)), [len(work.parts) for work in works])
    rows = np.repeat(np.arange(len(found)), [len(hashes) for hashes in found])
    return np.concatenate([np.zeros(0, np.uint64), *found]), rows, owner


def blocks(index: Index) -> Iterator[slice]:
    """Rows in blocks that never divide a work's parts."""
    starts = np.searchsorted(index.owner, np.arange(index.works.shape[0] + 1))
    first = 0
    for work in range(1, len(starts)):
        if work == len(starts) - 1 or starts[work + 1] - first > BLOCK:
            yield slice(first, starts[work])
            first = starts[work]

"""The inverted index: which parts of which works have a feature, and how much a feature says by how few have it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from grader.similarity.fingerprint import Features, Fingerprint, Part
from grader.similarity.graph import Hashes

BLOCK = 2048  # rows of the product of parts and works that are in memory at once
COMMON = 0.25  # of all works

Floats = NDArray[np.float32]
View = Callable[[Part], Features]


@dataclass(frozen=True, eq=False)
class Index:
    """One view of all works. Rows of `parts` are theirs one after the other; `owner` says whose.

    Features that many have are few, and each meets in most pairs: their product is dense, that of the others by posting lists.
    """

    owner: NDArray[np.int64]
    vocabulary: Hashes
    holders: NDArray[np.int64]  # how many works have a feature
    mass: Floats  # nats: what all features of each part weigh together
    count: int  # of works
    rare: tuple[csr_matrix, csr_matrix]  # (parts, features), weighed; (features, works)
    common: tuple[csr_matrix, Floats]

    def shared(self, rows: slice, columns: slice) -> Floats:
        """(parts, works): what the features that they share weigh."""
        rare = (self.rare[0][rows] @ self.rare[1][:, columns]).toarray()
        return rare + self.common[0][rows].toarray() @ self.common[1][:, columns]

    def features_of_works(self) -> NDArray[np.int64]:
        """How many features each work has of its own."""
        return np.bincount(self.rare[1].indices, minlength=self.count) + self.common[1].sum(axis=0).astype(np.int64)


def build_index(works: Sequence[Fingerprint], view: View, templates: Sequence[Fingerprint] = ()) -> Index:
    """Of all works; what a template has is no feature of anybody."""
    known = np.unique(np.concatenate([np.zeros(0, np.uint64), *(view(part).hashes for one in templates for part in one.parts)]))
    hashes, rows, owner = _listed(works, view)
    kept = ~np.isin(hashes, known)
    hashes, rows = hashes[kept], rows[kept]
    vocabulary, columns = np.unique(hashes, return_inverse=True)
    parts = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(owner), len(vocabulary)))
    belongs = csr_matrix((np.ones(len(owner), np.float32), (owner, np.arange(len(owner)))), shape=(len(works), len(owner)))
    together = (belongs @ parts).tocsc()
    together.data[:] = 1
    holders = np.diff(together.indptr)
    weight = np.log(len(works) / np.maximum(holders, 1)).astype(np.float32)
    mass = parts @ weight
    parts.data *= weight[parts.indices]
    parts, is_common = parts.tocsc(), holders > COMMON * len(works)
    rare = parts[:, ~is_common].tocsr(), together[:, ~is_common].T.tocsr()
    common = parts[:, is_common].tocsr(), np.ascontiguousarray(together[:, is_common].T.toarray())
    return Index(owner, vocabulary, holders, mass, len(works), rare, common)


def _listed(works: Sequence[Fingerprint], view: View) -> tuple[Hashes, NDArray[np.int64], NDArray[np.int64]]:
    """(every feature of every part, the row of its part, the work of each row)"""
    found = [view(part).hashes for work in works for part in work.parts]
    owner = np.repeat(np.arange(len(works)), [len(work.parts) for work in works])
    rows = np.repeat(np.arange(len(found)), [len(hashes) for hashes in found])
    return np.concatenate([np.zeros(0, np.uint64), *found]), rows, owner


def blocks(index: Index, border: int) -> Iterator[slice]:
    """Rows in blocks that never divide a work's parts, nor hold works from both sides of a border."""
    starts = np.searchsorted(index.owner, np.arange(index.count + 1)).tolist()
    first = 0
    for work in range(1, index.count + 1):
        if work in (border, index.count) or starts[work + 1] - first > BLOCK:
            if starts[work] > first:
                yield slice(first, starts[work])
            first = starts[work]

"""Values of one function as a graph, each value once, and hashes that say what a value is made of, to a depth."""

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from itertools import chain, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]
Lines = tuple[int, int]  # first and last
Found = tuple[Hashes, NDArray[np.int32]]


class Place(Protocol):
    """What is written somewhere: a node of a syntax tree."""

    lineno: int
    end_lineno: int | None


DEPTHS = (2, 3, 4)
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # of splitmix64, as are the constants of `mixed`


@cache
def label_hash(label: str) -> int:
    """Never `hash()`: that of a text is another one in each process."""
    return int.from_bytes(blake2b(label.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def mixed(values: Hashes) -> Hashes:
    """The finaliser of splitmix64: every bit of the result depends on every bit of the value."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


class Graph:
    """A node is a label and the nodes it is made of; asking for the same one again gives the same number."""

    def __init__(self) -> None:
        self.labels: list[str] = []
        self.operands: list[tuple[int, ...]] = []
        self.commutes: list[bool] = []
        self.lines: list[Lines] = []
        self.roots: list[int] = []
        self._known: dict[tuple[str, tuple[int, ...]], int] = {}

    def node(self, label: str, operands: tuple[int, ...], place: Place, *, commutes: bool = False) -> int:
        if commutes:
            operands = tuple(sorted(operands))
        key = (label, operands)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.labels)
            self.labels.append(label)
            self.operands.append(operands)
            self.commutes.append(commutes)
            self.lines.append((place.lineno, place.end_lineno or place.lineno))
        return found

    def live(self) -> list[int]:
        """What has operands and a root is made of, in order: what nobody uses says nothing."""
        alive = bytearray(len(self.labels))
        for root in self.roots:
            alive[root] = 1
        found = []
        for node in range(len(alive) - 1, -1, -1):  # a node comes after its operands
            if alive[node] and (operands := self.operands[node]):
                found.append(node)
                for operand in operands:
                    alive[operand] = 1
        return found[::-1]


def features_of(graphs: Sequence[Graph]) -> list[Found]:
    """Of each graph the distinct hashes of live nodes with operands, and the (first, last) line where each comes first."""
    picked: list[int] = []
    lines: list[Lines] = []
    counts: list[int] = []
    first = 0
    for graph in graphs:
        nodes = graph.live()
        picked += [first + node for node in nodes]
        lines += [graph.lines[node] for node in nodes]
        counts.append(len(nodes))
        first += len(graph.labels)
    chosen = np.array(picked, np.int64)
    hashes = np.concatenate([level[chosen] for level in _levels(graphs)])
    places = np.tile(np.array(lines, np.int32).reshape(-1, 2), (len(DEPTHS), 1))
    return distinct(hashes, places, np.tile(np.repeat(np.arange(len(graphs)), counts), len(DEPTHS)), len(graphs))


def distinct(hashes: Hashes, lines: NDArray[np.int32], owners: NDArray[np.int64], count: int) -> list[Found]:
    """Of each of so many owners the distinct hashes, sorted, each with the lines of the first place where it stands."""
    order = np.lexsort((hashes, owners))
    hashes, owners = hashes[order], owners[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])
    hashes, lines = hashes[is_new], lines[order[is_new]]
    ends = np.searchsorted(owners[is_new], np.arange(count + 1)).tolist()
    return [(hashes[begin:end], lines[begin:end]) for begin, end in pairwise(ends)]


def _levels(graphs: Sequence[Graph]) -> list[Hashes]:
    """For each of DEPTHS a hash of every node down to so many operands below it. A sum forgets the order; a place keeps it."""
    labels = np.array([label_hash(label) for graph in graphs for label in graph.labels], np.uint64)
    rows, starts, children, places = _edges(graphs)
    own, salt = labels[rows], places * SPREAD
    levels = [mixed(labels)]
    for _ in range(max(DEPTHS)):
        level = levels[0].copy()
        if len(rows):
            level[rows] = mixed(own + SPREAD * np.add.reduceat(mixed(levels[-1][children] + salt), starts))
        levels.append(level)
    return [levels[depth] for depth in DEPTHS]


def _edges(graphs: Sequence[Graph]) -> tuple[Numbers, Numbers, Numbers, Hashes]:
    """(nodes with operands, where those of each begin, the operands, the place of each from 1 on, or 0 where none matters)"""
    every = [operands for graph in graphs for operands in graph.operands]
    sizes = np.array([len(graph.labels) for graph in graphs], np.int64)
    counts = np.fromiter(map(len, every), np.int64, len(every))
    begins = np.cumsum(counts) - counts
    children = np.fromiter(chain.from_iterable(every), np.int64, int(counts.sum()))
    children += np.repeat(np.repeat(np.cumsum(sizes) - sizes, sizes), counts)
    places = np.arange(1, len(children) + 1) - np.repeat(begins, counts)
    places[np.repeat(np.array([commutes for graph in graphs for commutes in graph.commutes], bool), counts)] = 0
    rows = np.flatnonzero(counts)
    return rows, begins[rows], children, places.astype(np.uint64)

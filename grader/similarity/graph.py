"""Values of one function as a graph, each value once, and hashes that say what a value is made of, to a depth."""

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Lines = tuple[int, int]  # first and last

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

    def node(self, label: str, operands: tuple[int, ...], lines: Lines, *, commutes: bool = False) -> int:
        if commutes:
            operands = tuple(sorted(operands))
        key = (label, operands)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.labels)
            self.labels.append(label)
            self.operands.append(operands)
            self.commutes.append(commutes)
            self.lines.append(lines)
        return found

    def live(self) -> list[int]:
        """What a root is made of, in order: what nobody uses says nothing."""
        alive = bytearray(len(self.labels))
        stack = list(self.roots)
        while stack:
            node = stack.pop()
            if not alive[node]:
                alive[node] = 1
                stack.extend(self.operands[node])
        return [node for node, lives in enumerate(alive) if lives]


def features_of(graphs: Sequence[Graph]) -> list[tuple[Hashes, NDArray[np.int32]]]:
    """Of each graph the distinct hashes of live nodes with operands, and the (first, last) line where each comes first."""
    picked, lines = [], []
    first = 0
    for graph in graphs:
        nodes = [node for node in graph.live() if graph.operands[node]]
        picked.append(np.array(nodes, np.int64) + first)
        lines.append(np.array([graph.lines[node] for node in nodes], np.int32).reshape(-1, 2))
        first += len(graph.labels)
    levels = _levels(graphs)
    return [_distinct([level[nodes] for level in levels], places) for nodes, places in zip(picked, lines, strict=True)]


def _distinct(levels: Sequence[Hashes], lines: NDArray[np.int32]) -> tuple[Hashes, NDArray[np.int32]]:
    found, first = np.unique(np.concatenate(levels), return_index=True)
    return found, lines[first % max(len(lines), 1)]


def _levels(graphs: Sequence[Graph]) -> list[Hashes]:
    """For each of DEPTHS a hash of every node down to so many operands below it. A sum forgets the order; a place keeps it."""
    labels = np.array([label_hash(label) for graph in graphs for label in graph.labels], np.uint64)
    parents, children, places, counts = [], [], [], []
    first = 0
    for graph in graphs:
        for node, operands in enumerate(graph.operands):
            if operands:
                parents.append(first + node)
                counts.append(len(operands))
                children += [first + child for child in operands] if first else operands
                places += [0] * len(operands) if graph.commutes[node] else range(1, len(operands) + 1)
        first += len(graph.labels)
    level = mixed(labels)
    if not parents:
        return [level for _ in DEPTHS]
    starts = np.cumsum([0, *counts[:-1]])
    salt = np.array(places, np.uint64) * SPREAD
    rows, own = np.array(parents), labels[parents]
    levels = [level]
    for _ in range(max(DEPTHS)):
        level = levels[0].copy()
        level[rows] = mixed(own + SPREAD * np.add.reduceat(mixed(levels[-1][children] + salt), starts))
        levels.append(level)
    return [levels[depth] for depth in DEPTHS]

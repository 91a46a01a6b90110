"""Who hangs together: groups of works that are alike, and where their dots stand. The same pairs are always drawn the same."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SIZE = 300.0  # of a drawing, in both directions
MARGIN = 30.0
ROUNDS = 120

Edge = tuple[Hashable, Hashable]
Points = Mapping[Hashable, tuple[float, float]]


@dataclass(frozen=True)
class Group:
    """Works that are joined by pairs, directly or through others."""

    members: Sequence[Hashable]
    edges: Sequence[Edge]


def groups_of(edges: Iterable[Edge]) -> list[Group]:
    """The largest first; of equals the one whose pair comes first. Members stand in the order in which the pairs name them."""
    group_of: dict[Hashable, list[Hashable]] = {}
    kept = list(edges)
    for one, other in kept:
        mine, theirs = group_of.setdefault(one, [one]), group_of.setdefault(other, [other])
        if mine is not theirs:
            mine.extend(theirs)
            group_of.update(dict.fromkeys(theirs, mine))
    distinct = {id(members): members for members in group_of.values()}.values()
    groups = [Group(members, [edge for edge in kept if group_of[edge[0]] is members]) for members in distinct]
    return sorted(groups, key=lambda group: -len(group.members))


def layout(group: Group) -> Points:
    """Fruchterman and Reingold 1991: edges pull, dots push; from a circle, so nothing is drawn by lot.

    returns: (x, y) of each member, between MARGIN and SIZE - MARGIN
    """
    place = {member: index for index, member in enumerate(group.members)}
    ends = np.array([(place[one], place[other]) for one, other in group.edges])
    angles = np.arange(len(place)) * (2 * np.pi / len(place))
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    ideal = 1.6 / np.sqrt(len(place))
    for step in 0.2 * np.linspace(1, 0.02, ROUNDS):
        force = pushes(points, ideal) + pulls(points, ends, ideal)
        length = np.maximum(np.linalg.norm(force, axis=1, keepdims=True), 1e-9)
        points = points + force / length * np.minimum(length, step)
    fitted = fit(points)
    return {member: (round(float(x), 1), round(float(y), 1)) for member, (x, y) in zip(group.members, fitted, strict=True)}


def ring(group: Group, *, aside: float) -> Points:
    """Down the right and up the left of an oval: all lines are inside, so that names have room beside it.

    aside: how wide the room for names is on each side
    returns: as `layout` does
    """
    right = (len(group.members) + 1) // 2
    left = len(group.members) - right
    heights = [*np.linspace(-1, 1, 2 * right + 1)[1::2], *np.linspace(1, -1, 2 * left + 1)[1::2]]
    signs = [1] * right + [-1] * left
    across, down = SIZE / 2 - aside, SIZE / 2 - MARGIN / 2
    return {
        member: (round(SIZE / 2 + sign * across * float(1 - y * y) ** 0.5, 1), round(SIZE / 2 + down * float(y), 1))
        for member, sign, y in zip(group.members, signs, heights, strict=True)
    }


def pushes(points: np.ndarray, ideal: float) -> np.ndarray:
    """The sum of (mine - theirs) / distance² over all others, as one product: seven times as fast as all differences."""
    length = (points**2).sum(axis=1)
    squared = np.maximum(length[:, None] + length - 2 * points @ points.T, 1e-6)  # (N, N)
    weight = ideal**2 / squared
    return points * weight.sum(axis=1, keepdims=True) - weight @ points


def pulls(points: np.ndarray, ends: np.ndarray, ideal: float) -> np.ndarray:
    apart = points[ends[:, 1]] - points[ends[:, 0]]  # (E, 2)
    pull = apart * np.linalg.norm(apart, axis=1, keepdims=True) / ideal
    total = np.zeros_like(points)
    np.add.at(total, ends[:, 0], pull)
    np.add.at(total, ends[:, 1], -pull)
    return total


def fit(points: np.ndarray) -> np.ndarray:
    """Into the frame, in the same proportion both ways."""
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (SIZE - 2 * MARGIN) / max(float((high - low).max()), 1e-9)
    return SIZE / 2 + (points - (low + high) / 2) * scale

"""Where names stand in a drawing of a group: beside their dots, off their lines, and always in the same places."""

import unicodedata
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np

from server.similarity.clusters import SIZE, Group, Points, layout, ring

WIDE, NARROW = 10.0, 6.0  # of one character at a font size of 10: Chinese, another
MOST_WIDE, MOST_WIDE_IN_RING = 130.0, 92.0
HEIGHT, BASE = 12.0, 9.6  # of a line of text; from its top down to where letters stand
HALF_A_LINE = 2.0  # of a drawing, where it is thickest
RADIUS = 7.0  # of a dot
GAPS = (4.0, 12.0, 22.0)  # between dot and name: the nearest place that is free
EDGE = 2.0  # of the frame, in which no name stands
ROUNDS = 3  # each name looks again once the others stand
LINE, DOT, NAME, OTHER_LINE, FARTHER = 1000.0, 300.0, 100.0, 10.0, 1.0  # what it costs to stand on one's own line, on a dot, …

Boxes = np.ndarray  # (N, 4): left, top, right, bottom


@dataclass(frozen=True)
class Place:
    """As an SVG text takes it; `anchor`: start, middle or end."""

    text: str
    x: float
    y: float
    anchor: str
    box: tuple[float, float, float, float]


def place_all(group: Group, names: Mapping[Hashable, str]) -> tuple[Points, dict[Hashable, Place]]:
    """Dots and names. Where a name would lie over its own line, as where many are joined with many, all stand in a ring."""
    points = layout(group)
    places = place_names(group, points, {member: shortened(name, MOST_WIDE) for member, name in names.items()})
    if count_crossed(group, points, places):
        short = {member: shortened(name, MOST_WIDE_IN_RING) for member, name in names.items()}
        around = ring(group, aside=RADIUS + GAPS[0] + EDGE + max(map(width_of, short.values())))
        beside = place_names(group, around, short)
        if count_crossed(group, around, beside) < count_crossed(group, points, places):
            return around, beside
    return points, places


def count_crossed(group: Group, points: Points, places: Mapping[Hashable, Place]) -> int:
    """How often a name lies over a line of its own dot."""
    start, end = (np.array([points[edge[side]] for edge in group.edges]) for side in (0, 1))
    crossed = crossings(np.array([places[member].box for member in group.members]), start, end)
    own = np.array([[member in edge for edge in group.edges] for member in group.members])
    return int((crossed & own).sum())


def place_names(group: Group, points: Points, names: Mapping[Hashable, str]) -> dict[Hashable, Place]:
    """For each member the cheapest of its places, given where the others stand."""
    index = {member: number for number, member in enumerate(group.members)}
    dots = np.array([points[member] for member in group.members])
    ends = np.array([(index[one], index[other]) for one, other in group.edges])
    around = np.concatenate([dots - RADIUS, dots + RADIUS], axis=1)
    offered = [places_at(*points[member], names[member]) for member in group.members]
    boxes = [np.array([place.box for place in places]) for places in offered]
    fixed = [fixed_costs(boxes[number], number, dots, ends, around) for number in range(len(dots))]
    taken = [int(costs.argmin()) for costs in fixed]
    for _ in range(ROUNDS):
        for number, costs in enumerate(fixed):
            others = np.array([boxes[each][taken[each]] for each in range(len(dots)) if each != number])
            taken[number] = int((costs + NAME * overlaps(boxes[number], others).sum(axis=1)).argmin())
    return {member: offered[number][taken[number]] for member, number in index.items()}


def shortened(name: str, width: float) -> str:
    """As much of it as there is room for."""
    while width_of(name) > width:
        name = name.removesuffix("…")[:-1].rstrip() + "…"
    return name


def width_of(name: str) -> float:
    return sum(WIDE if unicodedata.east_asian_width(sign) in "WF" else NARROW for sign in name)


def places_at(x: float, y: float, name: str) -> list[Place]:
    """The better ones first: on the right, on the left, below, above, then between these; none leaves the frame sideways."""
    found, width = [], width_of(name)
    for gap in GAPS:
        aside, above, below = RADIUS + gap, y - RADIUS - gap - HEIGHT, y + RADIUS + gap / 2
        for shift in (0.0, -gap - 5, gap + 5):
            top = y - HEIGHT / 2 + shift
            found += [(x + aside, top, "start"), (x - aside - width, top, "end")]
        found += [(x - width * share, top, "middle") for share in (0.5, 0.1, 0.9) for top in (below, above)]
    return [place_in_frame(name, left, top, anchor) for left, top, anchor in found]


def place_in_frame(name: str, left: float, top: float, anchor: str) -> Place:
    width = width_of(name)
    left = min(max(left, EDGE), SIZE - EDGE - width)
    share = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
    box = (left, top, left + width, top + HEIGHT)
    return Place(name, round(left + share * width, 1), round(top + BASE, 1), anchor, box)


def fixed_costs(boxes: Boxes, number: int, dots: np.ndarray, ends: np.ndarray, around: Boxes) -> np.ndarray:
    """(P,): what each place costs, whatever other names do."""
    crossed = crossings(boxes + HALF_A_LINE * np.array([-1, -1, 1, 1]), dots[ends[:, 0]], dots[ends[:, 1]])  # (P, E)
    own = (ends == number).any(axis=1)
    costs = LINE * crossed[:, own].sum(axis=1) + OTHER_LINE * crossed[:, ~own].sum(axis=1)
    costs += DOT * overlaps(boxes, around).sum(axis=1)
    return costs + FARTHER * np.arange(len(boxes))


def overlaps(boxes: Boxes, others: Boxes) -> np.ndarray:
    """(P, N): which of these lie on which of those."""
    if not len(others):
        return np.zeros((len(boxes), 0), bool)
    mine, theirs = boxes[:, None], others[None]
    return (mine[..., :2] < theirs[..., 2:]).all(axis=-1) & (theirs[..., :2] < mine[..., 2:]).all(axis=-1)


def crossings(boxes: Boxes, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(P, E): which boxes a line from start to end goes through: where it is inside in both directions at once."""
    along = end - start
    along = np.where(np.abs(along) < 1e-9, 1e-9, along)[None]  # (1, E, 2)
    one, other = (boxes[:, None, :2] - start) / along, (boxes[:, None, 2:] - start) / along  # (P, E, 2)
    enters, leaves = np.minimum(one, other).max(axis=-1), np.maximum(one, other).min(axis=-1)
    return (np.maximum(enters, 0.0) < np.minimum(leaves, 1.0)) & (enters < leaves)

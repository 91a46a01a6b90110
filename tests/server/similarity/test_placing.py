"""Names stand beside their dots: never over their own lines, inside the frame, and always in the same places."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.similarity.clusters import SIZE, Group, groups_of
from server.similarity.placing import MOST_WIDE_IN_RING, RADIUS, count_crossed, overlaps, place_all, shortened, width_of
from tests.thorough import examples

NAMES = ("Ravi Menon", "田中由纪 Tanaka Yuki", "Zoë", "陈思远 Chen Siyuan", "Christopher Featherstonehaugh", "李雷", "Ada")
SHAPES = {
    "chain": lambda n: [(each, each + 1) for each in range(n - 1)],
    "star": lambda n: [(0, each) for each in range(1, n)],
    "all with all": lambda n: [*combinations(range(n), 2)],
}
people = st.integers(0, 9)
some_edges = st.lists(st.tuples(people, people).filter(lambda edge: edge[0] != edge[1]), min_size=1, max_size=12)


def named(group: Group) -> dict:
    return {member: NAMES[number % len(NAMES)] for number, member in enumerate(group.members)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [2, 3, 5, 12, 24])
def test_a_name_never_lies_over_its_own_line_a_dot_or_another_name(shape: str, size: int) -> None:
    group = Group([*range(size)], SHAPES[shape](size))
    points, places = place_all(group, named(group))
    assert count_crossed(group, points, places) == 0
    boxes = np.array([place.box for place in places.values()])
    assert not np.triu(overlaps(boxes, boxes), 1).any()
    dots = np.array([(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in points.values()])
    assert not overlaps(boxes, dots).any()


@settings(deadline=None, max_examples=examples(60))
@given(some_edges)
def test_every_name_stays_in_the_frame_and_where_it_was(edges: list[tuple[int, int]]) -> None:
    for group in groups_of(edges):
        points, places = place_all(group, named(group))
        assert (points, places) == place_all(group, named(group))
        assert all(place.box[0] >= 0 and place.box[2] <= SIZE for place in places.values())
        assert all(0 <= x <= SIZE and 0 <= y <= SIZE for x, y in points.values())


def test_two_works_have_their_names_beside_the_line_and_not_on_it() -> None:
    group = Group(["ada", "bob"], [("ada", "bob")])
    points, places = place_all(group, {"ada": "Ada Lovelace", "bob": "Bob"})
    (begin, end), level = sorted(x for x, _ in points.values()), points["ada"][1]
    assert points["bob"][1] == level
    for left, top, right, bottom in (place.box for place in places.values()):
        assert not top < level < bottom or right <= begin or end <= left


def test_a_name_is_shortened_as_far_as_it_has_to_be() -> None:
    assert shortened("Ada", MOST_WIDE_IN_RING) == "Ada"
    short = shortened("Christopher Featherstonehaugh", MOST_WIDE_IN_RING)
    assert short == "Christopher Fe…" and width_of(short) <= MOST_WIDE_IN_RING
    assert shortened("司马相如司马相如司马相如", 50.0) == "司马相如…"

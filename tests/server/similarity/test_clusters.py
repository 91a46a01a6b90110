"""Groups hold exactly what hangs together, and are drawn the same each time."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from server.similarity.clusters import SIZE, Group, groups_of, layout
from server.similarity.timeline import Handed, timeline_of

people = st.integers(0, 12)
some_edges = st.lists(st.tuples(people, people).filter(lambda edge: edge[0] != edge[1]), max_size=20)


@settings(deadline=None)
@given(some_edges)
def test_a_group_is_what_can_be_reached(edges: list[tuple[int, int]]) -> None:
    groups = groups_of(edges)
    members = [member for group in groups for member in group.members]
    assert sorted(members) == sorted({member for edge in edges for member in edge}), "everybody once"
    assert sum(len(group.edges) for group in groups) == len(edges)
    for group in groups:
        reached = {group.members[0]}
        for _ in group.members:
            reached |= {end for edge in group.edges if reached & set(edge) for end in edge}
        assert reached == set(group.members)
    assert [len(group.members) for group in groups] == sorted((len(group.members) for group in groups), reverse=True)


@settings(deadline=None)
@given(some_edges)
def test_dots_stand_apart_inside_the_frame_and_never_move(edges: list[tuple[int, int]]) -> None:
    for group in groups_of(edges):
        points = layout(group)
        assert points == layout(group)
        assert all(0 <= x <= SIZE and 0 <= y <= SIZE for x, y in points.values())
        assert all((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 > 1 for one, other in combinations(points.values(), 2))


def test_who_is_joined_stands_closer_than_who_is_not() -> None:
    chain = Group([*range(6)], [(place, place + 1) for place in range(5)])
    points = layout(chain)

    def apart(one: int, other: int) -> float:
        return sum((a - b) ** 2 for a, b in zip(points[one], points[other], strict=True)) ** 0.5

    assert max(apart(place, place + 1) for place in range(5)) < apart(0, 5)


def test_a_timeline_spans_what_was_handed_in_and_the_deadline_near_it() -> None:
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    attempts = [Handed(1, 1, begin, False), Handed(2, 2, begin + timedelta(hours=5), True)]
    drawn = timeline_of(
        {"Ada": attempts, "Bob": [Handed(3, 1, begin + timedelta(hours=10), True)]}, due_at=begin + timedelta(hours=20)
    )
    assert [[dot.x for dot in lane.dots] for lane in drawn.lanes] == [[0, 25], [50]]
    assert drawn.due == 100
    assert timeline_of({"Ada": attempts}, due_at=begin + timedelta(days=30)).due is None, (
        "far off: it would press all into a corner"
    )
    assert timeline_of({"Ada": []}, due_at=begin) is None

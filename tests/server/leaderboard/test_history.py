"""One's own way through a competition, drawn: heights are the values that show, and nothing else is in a byte of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.spec import Manifest, load_manifest
from server.leaderboard.history import Way, best_so_far, way_of
from server.leaderboard.results import Result
from server.submissions.views import AttemptRow
from tests.server.contest import BASELINES, SLUG, write_contest

START = datetime(2026, 11, 1, tzinfo=UTC)
values = st.lists(st.floats(0, 1) | st.none(), min_size=1, max_size=20)


@pytest.fixture
def make_way(tmp_path: Path) -> Callable[..., Way | None]:
    """Of these values in the order in which they came in."""

    def make(*reached: float | None, direction: str = "max", first: int = 1) -> Way | None:
        folder = write_contest(tmp_path / direction, direction=direction) / SLUG
        manifest: Manifest = load_manifest(folder)
        numbers = range(first, first + len(reached))
        attempts = [AttemptRow(n, n, START + timedelta(hours=n), "graded", None, "Ada") for n in numbers]
        results = {n: Result("accuracy", direction, value, None, None, None) for n, value in zip(numbers, reached, strict=True)}
        return way_of(attempts[::-1], results, manifest, folder=folder)

    return make


def test_marks_stand_at_their_values_the_stair_at_the_best_and_baselines_below(make_way: Callable[..., Way]) -> None:
    way = make_way(0.6, 0.9, 0.75)
    assert [(mark.x, mark.y, mark.best) for mark in way.marks] == [(0.0, 37.5, 0.6), (50.0, 0.0, 0.9), (100.0, 18.75, 0.9)]
    assert way.stairs == [(0.0, 37.5), (50.0, 37.5), (50.0, 0.0), (100.0, 0.0), (100.0, 0.0), (100.0, 0.0)]
    assert [(level.value, level.y) for level in way.levels] == [(0.1, 100.0), (0.6, 37.5)] and len(BASELINES) == 2
    assert (way.best.attempt.number, way.best.best, way.is_shared) == (2, 0.9, False)


def test_where_less_is_better_the_stair_goes_down(make_way: Callable[..., Way]) -> None:
    way = make_way(0.6, 0.2, 0.4, direction="min")
    assert [mark.best for mark in way.marks] == [0.6, 0.2, 0.2]
    assert way.best.attempt.number == 2


def test_what_does_not_show_stands_at_the_best_whatever_it_was(make_way: Callable[..., Way]) -> None:
    way = make_way(0.6, None, 0.9, None)
    assert [mark.y for mark in way.marks] == [37.5, 37.5, 0.0, 0.0]
    assert [mark.value for mark in way.marks] == [0.6, None, 0.9, None]
    assert (way.scale.low, way.scale.high) == (0.1, 0.9)


def test_of_a_team_that_has_just_changed_what_shows_nothing_before_the_first_value_is_left_out(
    make_way: Callable[..., Way | None], tmp_path: Path
) -> None:
    assert [mark.attempt.number for mark in make_way(None, 0.5, None).marks] == [2, 3]
    assert make_way(None, direction="min") is None


def test_a_single_submission_has_a_line_to_the_right_edge(make_way: Callable[..., Way]) -> None:
    way = make_way(0.6)
    assert (way.stairs[0], way.stairs[-1]) == ((0.0, 0.0), (100.0, 0.0))


@given(st.floats(0, 1), values, st.booleans())
def test_the_best_never_falls_and_is_a_value_that_showed(first: float, others: list[float | None], rises: bool) -> None:
    reached = [first, *others]
    bests = best_so_far(reached, rises=rises)
    assert bests == sorted(bests, reverse=not rises)
    for place, best in enumerate(bests):
        known = [value for value in reached[: place + 1] if value is not None]
        assert best == (max(known) if rises else min(known))

"""What a page of the board draws: numbers only, so that they can be checked without looking."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from server.leaderboard.plots import Scale, histogram, progress_of, span, stairs, whisker
from server.leaderboard.standings import Entrant, Entry, Standing
from server.leaderboard.table import Look, table_of
from server.leaderboard.views import Band, BaselineRow, BoardPage, Interval, Row

START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=10)


@pytest.fixture
def make_page(make_entry: Callable[..., Entry]) -> Callable[..., BoardPage]:
    """Places `start` + 1 to `end` of 10; whoever is `me` stands where he stands."""

    def row(rank: int, me: int | None) -> Row:
        value = 1 - rank / 20
        standing = Standing(Entrant("person", rank), make_entry(rank, value), value, 1, ((START, value),), (-value, START, rank))
        return Row(
            rank=rank, entrant=standing.entrant, key=str(rank), name=str(rank), alias=None, people=(), standing=standing,
            metric=value, points=None,
            interval=Interval(value - 0.02, value + 0.02), max_points=Decimal(100), moved=None, is_me=rank == me,
        )  # fmt: skip

    def make(
        start: int, end: int, *, me: int | None = None, below: tuple[int, ...] = (), bands: tuple[Band, ...] = ()
    ) -> BoardPage:
        baselines = [BaselineRow(f"b{n}", None, 0.1 * n, Interval(0.1 * n, 0.1 * n), n) for n in below]
        return BoardPage(
            view="live", phase="open", total=10, entrants=10, start=start, progress=(), freezes_at=None, revision=1,
            rows=tuple(row(n, me) for n in range(start + 1, end + 1)),
            mine=row(me, me) if me else None, baselines=tuple(baselines), bands=bands,
        )  # fmt: skip

    return make


def drawn(page: BoardPage, **look: object) -> list[object]:
    table = table_of(page, Look(start=page.start, **look), size=5, starts_at=START, ends_at=END)
    return [line.row.rank if line.row else line.baseline.id for line in table.lines]


def test_every_baseline_stands_on_exactly_one_page(make_page: Callable[..., BoardPage]) -> None:
    below = (0, 3, 5, 10)
    first, second = drawn(make_page(0, 5, below=below)), drawn(make_page(5, 10, below=below))
    assert first == ["b0", 1, 2, 3, "b3", 4, 5]
    assert second == ["b5", 6, 7, 8, 9, 10, "b10"]
    assert drawn(make_page(0, 5, below=below), search="x") == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("me", "above", "under"), [(3, False, False), (8, False, True), (None, False, False)])
def test_one_who_is_elsewhere_is_pinned_on_the_side_where_he_is(
    make_page: Callable[..., BoardPage], me: int | None, above: bool, under: bool
) -> None:
    table = table_of(make_page(0, 5, me=me), Look(), size=5, starts_at=START, ends_at=END)
    assert (table.above is not None, table.below is not None) == (above, under)
    late = table_of(make_page(5, 10, me=3), Look(start=5), size=5, starts_at=START, ends_at=END)
    assert late.above.whisker.outside, "and does not squeeze the others"
    assert late.above.row.rank == 3 and late.own_page == 0 and (late.previous, late.next) == (0, None)


def test_a_bracket_has_two_ends_and_goes_on_beside_a_baseline(make_page: Callable[..., BoardPage]) -> None:
    page = make_page(0, 5, below=(2, 4), bands=(Band(2, 4),))
    table = table_of(page, Look(), size=5, starts_at=START, ends_at=END)
    assert [line.edge for line in table.lines] == [None, "first", "inside", "inside", "last", None, None]
    assert [line.band for line in table.lines if line.band] == [Band(2, 4)], "said once"


def test_a_value_off_the_scale_is_marked_at_its_edge() -> None:
    scale = Scale(0.5, 0.9)
    inside, outside = whisker(0.7, Interval(0.6, 0.8), scale), whisker(0.1, Interval(0.05, 0.15), scale)
    assert (inside.low, inside.at, inside.high, inside.outside) == (25, 50, 75, False)
    assert (outside.at, outside.outside) == (0, True)


def test_stairs_go_sideways_then_up_and_end_at_the_right_edge() -> None:
    steps = [(START + timedelta(days=2), 0.2), (START + timedelta(days=5), 0.6)]
    assert stairs(steps, span(START, END), Scale(0.2, 0.6)) == [(20, 100), (50, 100), (50, 0), (100, 0)]
    assert stairs([], span(START, END), Scale(0, 1)) == []
    progress = progress_of(steps, (), starts_at=START, ends_at=END)
    assert (progress.best, progress.since, progress.dots) == (0.6, START + timedelta(days=5), [(20, 100), (50, 0)])
    assert progress_of([], (), starts_at=START, ends_at=END) is None


def test_a_histogram_counts_everybody_once() -> None:
    bars = histogram([Decimal(n) for n in (0, 9, 10, 100, 99, 95)], Decimal(100))
    assert [bar.count for bar in bars] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 3]
    assert max(bar.height for bar in bars) == 100
    assert histogram([], Decimal(100)) == []


def test_links_keep_what_was_asked_for() -> None:
    look = Look(start=50, search="a b", half="private")
    assert look.query(start=0) == "?search=a+b&half=private"
    assert look.query(search="") == "?start=50&half=private"
    assert Look().query() == ""
